"""The machine's clock, randomness and identifiers."""
