"""One small file a port: what the application asks of the outside world.

A port's docstring is its contract; `tests/contract/` runs it against every adapter.
"""
