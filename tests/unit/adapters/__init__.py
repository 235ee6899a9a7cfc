"""What adapters do without the world outside."""
