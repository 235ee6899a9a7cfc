"""What players call: sign-in, games, shop, profile, provably fair rounds."""
