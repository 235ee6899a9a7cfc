"""Comparison of the product with other servers and a C program, each on one core.

    python -m benchmarks.compare [SCENARIO ...] [--quick] [--rounds 5] [--seconds 1]
                                 [--sockets 1000] [--tries 4] [--results FILE] [--plots FOLDER]

Scenarios: fanout, latency, rest, sockets, rates, nodes. The default is all of them. `--quick` takes
about a minute and only checks that everything works. Prints tables and writes JSON and SVG files.
docs/performance.md explains the method and the tables.
"""

import argparse
import os
import signal
import sys
from pathlib import Path

from benchmarks.machine import ROOT, MissingProgram, describe_machine, native_program
from benchmarks.plots import write_plots
from benchmarks.report import tables
from benchmarks.results import Results
from benchmarks.scenarios import SCENARIOS, Options


def main() -> None:
    """Run the scenarios of the command line."""
    arguments = _parse_arguments()
    # SystemExit ends the contexts, which stop the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    try:
        native_program("loadgen")
    except MissingProgram as error:
        sys.exit(str(error))
    if (os.cpu_count() or 1) < 2:
        sys.exit("two cores are needed: one for the server, one for the load generator")
    options = Options(
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        sockets=arguments.sockets,
        max_sockets=arguments.max_sockets,
        tries=arguments.tries,
    )
    results = Results(
        machine=describe_machine(),
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


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--sockets", type=int)
    parser.add_argument("--tries", type=int, default=4)
    parser.add_argument("--results", type=Path, default=ROOT / "results/latest.json")
    parser.add_argument("--plots", type=Path)
    arguments = parser.parse_args()
    if unknown := set(arguments.scenarios) - set(SCENARIOS):
        parser.error(f"unknown scenario: {', '.join(sorted(unknown))}")
    arguments.rounds = arguments.rounds or (1 if arguments.quick else 5)
    arguments.seconds = arguments.seconds or (0.3 if arguments.quick else 1.0)
    arguments.sockets = arguments.sockets or (100 if arguments.quick else 1_000)
    arguments.max_sockets = 1_000 if arguments.quick else 10_000
    return arguments


if __name__ == "__main__":
    main()
