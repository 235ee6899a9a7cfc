"""Rate limiters: counting on one node, and shared through Redis."""
