"""Use cases of players outside of games: shop, profile, streak, and reads of their state."""
