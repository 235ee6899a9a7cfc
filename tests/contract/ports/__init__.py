"""One suite a port, run against every adapter of it; servers are real, and missing ones fail."""
