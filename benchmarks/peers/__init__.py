"""The servers of the comparison."""
