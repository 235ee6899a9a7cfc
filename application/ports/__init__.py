"""Ports: the interfaces that the application needs from the outside world, one small file each.

The docstring of a port is its contract; `tests/contract/ports` verifies it for every adapter.
Imports `frames` and `domain`.
"""
