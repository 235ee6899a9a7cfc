"""Broadcasters: memory, and what those on a broker have in common."""
