"""Frames that the server sends: control frames, encoded frames, close codes, positions, the legacy
format.

Plain values. Imports `domain` only.
"""
