"""Operators' screens: the feed of all games, without I/O. Imports `cluster` and below."""
