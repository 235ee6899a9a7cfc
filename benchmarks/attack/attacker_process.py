"""The process of the attacker.

    python -m benchmarks.attack.attacker_process PORT

It reads orders (JSON, one per line) from standard input, and answers each, when its time is over,
with a line that counts what the attacker saw. It runs on core 1 with the lowest priority, so that
it takes no time from the honest players, who are measured on the same core.
"""

import json
import os
import resource
import sys
from contextlib import suppress
from typing import Any

import uvloop

from benchmarks.attack.attacker import Account, Order
from benchmarks.attack.catalogue import carry_out
from benchmarks.machine import LOAD_CORE


def _be_humble() -> None:
    """Run on the load's core, whenever nobody else wants to."""
    os.sched_setaffinity(0, {LOAD_CORE})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    _, limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def read_order(line: str) -> Order:
    """The order in a line of standard input."""
    parts: dict[str, Any] = json.loads(line)
    return Order(**parts | {"accounts": [Account(**account) for account in parts["accounts"]]})


def main() -> None:
    """Carry out orders until standard input ends."""
    with suppress(OSError):  # a machine with one core, or one that forbids it
        _be_humble()
    port = int(sys.argv[1])
    for line in sys.stdin:
        print(json.dumps(uvloop.run(carry_out(port, read_order(line)))), flush=True)


if __name__ == "__main__":
    main()
