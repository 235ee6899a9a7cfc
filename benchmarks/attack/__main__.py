"""What honest players notice of attacks on a node.

    python -m benchmarks.attack [--only NAME …] [--calm 2] [--seconds 5] [--json FILE]

The node runs in production mode on core 0, with SQLite. Twelve honest players spin five times a
second each and watch on two devices, from core 1. On the same core, with the lowest priority, the
attacker is one process with raw sockets, over loopback: bounded in connections and time. Each
attack is run for some seconds, after some seconds without.
"""

import argparse
import asyncio
import json
import os
from pathlib import Path

import attrs

from benchmarks.attack.catalogue import ATTACKS
from benchmarks.attack.report import header, row, summary
from benchmarks.attack.runner import Result, besieged
from benchmarks.machine import LOAD_CORE

PLAYERS = 12
SETTLE_S = 1.0
"""Between two attacks."""


def main() -> int:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=sorted(ATTACKS), default=list(ATTACKS))
    parser.add_argument("--calm", type=float, default=2.0, help="seconds before each attack")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each attack")
    parser.add_argument("--connections", type=int, default=4_000, help="most that one may open")
    parser.add_argument("--json", type=Path, help="a file for the results")
    options = parser.parse_args()
    os.sched_setaffinity(0, {LOAD_CORE})
    results = asyncio.run(measure(options))
    print(summary(results))
    if options.json:
        options.json.write_text(json.dumps(list(map(attrs.asdict, results)), indent=1))
    return any(result.harm or result.errors or result.undeclared() for result in results)


async def measure(options: argparse.Namespace) -> list[Result]:
    """Run the attacks; print a row for each."""
    results = []
    print(header(), flush=True)
    async with besieged(PLAYERS) as siege:
        for name in options.only:
            result = await siege.run(
                name,
                calm_s=options.calm,
                seconds=options.seconds,
                connections=options.connections,
            )
            print(row(result), flush=True)
            results.append(result)
            await asyncio.sleep(SETTLE_S)
    return results


if __name__ == "__main__":
    raise SystemExit(main())
