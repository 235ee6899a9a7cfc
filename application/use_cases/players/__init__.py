"""What players do outside of games: shop, profile, streak, and reading their state."""
