"""Playing: one file per game, and what all games share."""
