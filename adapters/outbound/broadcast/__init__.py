"""Broadcasters, one a message carrier."""
