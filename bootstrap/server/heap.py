"""Garbage collection in a process that holds many objects for long."""

import gc

THRESHOLDS = (20_000, 20, 20)
"""Python's own (700, 10, 10) are for scripts: with thousands of sockets, looking through all that
lives would hold up the event loop for a tenth of a second, again and again."""


def settle_heap() -> None:
    """Call it when everything has been imported and started: that need not be looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
