"""From schemas to shapes."""
