"""The settings of the interpreter in a process that serves: garbage collection and threads."""

import gc
import sys

THRESHOLDS = (20_000, 20, 20)
"""Python's own (700, 10, 10) are for scripts: with thousands of sockets, looking through all that
lives would hold up the event loop for a tenth of a second, again and again."""

SWITCH_INTERVAL_S = 0.0005
"""How long a thread keeps the GIL while another waits for it; Python's own is 5 ms. SQLite's writer
thread releases the GIL for each statement and needs it again after it. While the event loop is
busy, it waits for up to the whole interval each time, several times in a transaction. Measured
under the traffic of attacks: the p99 of honest spins fell from 70 to 47 ms, and spins per second
stayed within the noise."""


def settle_interpreter() -> None:
    """Call it when everything has been imported and started: that need not be looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
