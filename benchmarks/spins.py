"""Throughput of spins over REST, for one server process on one core, with the journal.

    python -m benchmarks.spins [--seconds 6] [--rounds 3] [--connections 16]

SQLite and PostgreSQL alternate (PostgreSQL from a wheel, with its default settings: fsync and
synchronous_commit are on). The results are medians of the rounds. The server is pinned to core 0;
PostgreSQL and the load generator (wrk, from the Debian package of that name) are pinned to core 1.
Each keep-alive connection plays as its own user. `GET /health/live`, which does nothing, is
measured for comparison.
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
class DatabaseResult:
    """Results of one database, one number per round."""

    live: list[float] = field(factory=list)
    spins: list[float] = field(factory=list)
    cpu_us: list[float] = field(factory=list)
    last: str = ""


def main() -> None:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=16)
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt-get install wrk")
    os.sched_setaffinity(0, {1})  # inherited by PostgreSQL and wrk
    results = {"sqlite": DatabaseResult(), "postgresql": DatabaseResult()}
    with postgres_server() as postgres:
        for _ in range(arguments.rounds):
            for database, result in results.items():
                with tempfile.TemporaryDirectory() as folder:
                    url = f"sqlite:///{folder}/bench.db"
                    if database == "postgresql":
                        empty = asyncio.run(postgres.new_database()).set(drivername=database)
                        url = empty.render_as_string(hide_password=False)
                    measure(url, Path(folder), arguments, result)
    print("                GET /health/live   POST /slot/spin   server CPU time per spin")
    for database, result in results.items():
        print(
            f"{database:12} {median(result.live):15.0f} /s {median(result.spins):14.0f} /s "
            f"{median(result.cpu_us):18.0f} us   {result.last}"
        )


def measure(url: str, folder: Path, arguments: argparse.Namespace, result: DatabaseResult) -> None:
    """Measure one round on a new database."""
    with running_server(url) as server:
        tokens = [sign_up(server.base) for _ in range(arguments.connections)]
        script = folder / "spins.lua"
        script.write_text(SCRIPT % ", ".join(map(json.dumps, tokens)))
        idle = run_wrk(arguments, f"{server.base}/health/live")
        cpu_seconds = server.cpu_seconds()
        spins = run_wrk(arguments, server.base, "-s", str(script))
        cpu_seconds = server.cpu_seconds() - cpu_seconds
    result.live.append(requests_per_second(idle))
    result.spins.append(requests_per_second(spins))
    result.cpu_us.append(cpu_seconds * 1e6 / (result.spins[-1] * arguments.seconds))
    result.last = "; ".join(
        line for line in spins.splitlines() if line.startswith(("failed", "p50"))
    )


def run_wrk(arguments: argparse.Namespace, url: str, *extra: str) -> str:
    """Output of wrk."""
    command = ["taskset", "-c", "1", "wrk", "-t", "1", "-c", str(arguments.connections)]
    command += ["-d", f"{arguments.seconds}s", *extra, url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def requests_per_second(output: str) -> float:
    """Throughput in the output of wrk."""
    found = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert found, output
    return float(found[1])


if __name__ == "__main__":
    main()
