"""Broadcasters: the memory broadcaster, and the shared part of those on a broker."""
