"""Mirrors the packages; no I/O."""
