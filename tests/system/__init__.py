"""Real processes, and what happens when they fail."""
