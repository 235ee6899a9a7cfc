"""Game use cases: one file per game, and the shared parts."""
