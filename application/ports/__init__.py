"""What the application asks of the outside world, one small file per port.

A port's docstring is its contract; `tests/contract/ports` runs it against every adapter. Imports
`frames` and `domain`.
"""
