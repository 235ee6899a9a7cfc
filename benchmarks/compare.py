"""The product beside its peers and a C program, on one core, in one run.

    python -m benchmarks.compare [SCENARIO …] [--quick] [--rounds 5] [--seconds 1] [--sockets 1000]
                                 [--tries 4] [--results FILE] [--plots FOLDER]

Scenarios: fanout, latency, rest, sockets, rates, nodes; all without an argument. `--quick` shows in
about a minute that everything works; its figures mean little. Prints tables, writes JSON and SVG.
How to read them: docs/performance.md.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from benchmarks.machine import HERE, CannotRun, description, native
from benchmarks.plots import write_plots
from benchmarks.report import tables
from benchmarks.results import Results
from benchmarks.scenarios import SCENARIOS, Options


def main() -> None:
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # and end what was started
    try:
        native("loadgen")
    except CannotRun as error:
        sys.exit(str(error))
    if (os.cpu_count() or 1) < 2:
        sys.exit("two cores are needed: one for the server, one for the load")
    options = Options(
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        sockets=arguments.sockets,
        most_sockets=arguments.most_sockets,
        tries=arguments.tries,
    )
    results = Results(
        machine=description(),
        options={
            "rounds": options.rounds,
            "seconds": options.seconds,
            "sockets": options.sockets,
        },
    )
    for name in arguments.scenarios or SCENARIOS:
        print(f"{name}: {SCENARIOS[name].__doc__}", flush=True)
        results.scenarios[name] = SCENARIOS[name](options)
        results.write(arguments.results)
    print()
    print(tables(results))
    if arguments.plots is not None:
        write_plots(results, arguments.plots)


def _arguments() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    options.add_argument("--quick", action="store_true")
    options.add_argument("--rounds", type=int)
    options.add_argument("--seconds", type=float)
    options.add_argument("--sockets", type=int)
    options.add_argument("--tries", type=int, default=4)
    options.add_argument("--results", type=Path, default=HERE / "results/latest.json")
    options.add_argument("--plots", type=Path)
    found = options.parse_args()
    if unknown := set(found.scenarios) - set(SCENARIOS):
        options.error(f"no such scenario: {', '.join(sorted(unknown))}")
    found.rounds = found.rounds or (1 if found.quick else 5)
    found.seconds = found.seconds or (0.3 if found.quick else 1.0)
    found.sockets = found.sockets or (100 if found.quick else 1_000)
    found.most_sockets = 1_000 if found.quick else 10_000
    return found


if __name__ == "__main__":
    main()
