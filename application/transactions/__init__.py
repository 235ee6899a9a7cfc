"""One change of one player: state and events commit together, then the events are published.

Imports `cluster`, `ports` and below.
"""
