"""Spins per second of one server process on one core, the whole REST path with the journal.

    python -m benchmarks.spins [--seconds 6] [--rounds 3] [--connections 16]

On SQLite and on PostgreSQL (out of a wheel, on its default settings: fsync and synchronous_commit
are on), in turn; printed are medians of the rounds. The server is pinned to core 0, PostgreSQL and
the load (wrk, from Debian's package of that name) to core 1. Each connection plays as a user of its
own, keep-alive. For comparison, wrk first asks for `/health/live`, which does nothing at all.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from attrs import define, field

from benchmarks.server import running_server, sign_up
from tests.support.servers import postgres_server

SCRIPT = """
local tokens = {%s}
local thread_tokens = 0
request = function()
  thread_tokens = thread_tokens %% #tokens + 1
  return wrk.format("POST", "/api/games/slot/spin",
    {["Authorization"] = "Bearer " .. tokens[thread_tokens], ["Content-Type"] = "application/json"},
    '{"bet_amount":1}')
end
done = function(summary, latency)
  io.write(string.format("failed %%d\\n", summary.errors.status + summary.errors.timeout))
  io.write(string.format("p50 %%d p99 %%d\\n", latency:percentile(50), latency:percentile(99)))
end
"""


@define
class Figures:
    """Of one database, a number a round."""

    live: list[float] = field(factory=list)
    spins: list[float] = field(factory=list)
    cpu_us: list[float] = field(factory=list)
    last: str = ""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=6)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--connections", type=int, default=16)
    arguments = options.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt-get install wrk")
    os.sched_setaffinity(0, {1})  # and with this process PostgreSQL and wrk
    figures = {"sqlite": Figures(), "postgresql": Figures()}
    with postgres_server() as postgres:
        for _ in range(arguments.rounds):
            for database, measured in figures.items():
                with tempfile.TemporaryDirectory() as folder:
                    url = f"sqlite:///{folder}/bench.db"
                    if database == "postgresql":
                        empty = asyncio.run(postgres.new_database()).set(drivername=database)
                        url = empty.render_as_string(hide_password=False)
                    measure(url, Path(folder), arguments, measured)
    print("                GET /health/live   POST /slot/spin   the server's CPU per spin")
    for database, measured in figures.items():
        print(
            f"{database:12} {median(measured.live):15.0f} /s {median(measured.spins):14.0f} /s "
            f"{median(measured.cpu_us):18.0f} us   {measured.last}"
        )


def measure(url: str, folder: Path, arguments: argparse.Namespace, measured: Figures) -> None:
    """A round on a fresh database."""
    with running_server(url) as server:
        tokens = [sign_up(server.base) for _ in range(arguments.connections)]
        script = folder / "spins.lua"
        script.write_text(SCRIPT % ", ".join(map(json.dumps, tokens)))
        idle = load(arguments, f"{server.base}/health/live")
        used = server.cpu_s()
        spins = load(arguments, server.base, "-s", str(script))
        used = server.cpu_s() - used
    measured.live.append(requests_per_second(idle))
    measured.spins.append(requests_per_second(spins))
    measured.cpu_us.append(used * 1e6 / (measured.spins[-1] * arguments.seconds))
    measured.last = "; ".join(
        line for line in spins.splitlines() if line.startswith(("failed", "p50"))
    )


def load(arguments: argparse.Namespace, url: str, *extra: str) -> str:
    """What wrk prints."""
    command = ["taskset", "-c", "1", "wrk", "-t", "1", "-c", str(arguments.connections)]
    command += ["-d", f"{arguments.seconds}s", *extra, url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def requests_per_second(output: str) -> float:
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert found, output
    return float(found[1])


if __name__ == "__main__":
    main()
