"""Player transactions: state and events are committed together, then the events are published.

Imports `cluster`, `ports` and below.
"""
