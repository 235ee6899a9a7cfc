"""Counters, in the registry that `/metrics` shows."""
