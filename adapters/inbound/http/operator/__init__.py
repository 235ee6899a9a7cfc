"""What operators call, and the audit of each of those calls."""
