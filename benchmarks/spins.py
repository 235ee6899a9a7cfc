"""Spins per second of one server process on one core, the whole REST path with the journal.

    python -m benchmarks.spins [--seconds 10] [--connections 16] [--database-url URL]

The server is pinned to core 0, the load (wrk, from Debian's package of that name) to core 1.
Each connection plays as a user of its own, keep-alive. For comparison, wrk first asks for
`/health/live`, which does nothing at all.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.server import running_server, sign_up

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


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--connections", type=int, default=16)
    options.add_argument("--database-url")
    arguments = options.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database_url or f"sqlite:///{folder}/bench.db"
        with running_server(url) as server:
            base = server.base
            tokens = [sign_up(base) for _ in range(arguments.connections)]
            script = Path(folder, "spins.lua")
            script.write_text(SCRIPT % ", ".join(map(json.dumps, tokens)))
            idle = load(arguments, f"{base}/health/live")
            spins = load(arguments, base, "-s", str(script))
    print(f"database              {url.partition(':')[0]}")
    print(f"GET /health/live      {requests_per_second(idle):8.0f} /s")
    print(f"POST /slot/spin       {requests_per_second(spins):8.0f} /s")
    print(
        "  " + "; ".join(line for line in spins.splitlines() if line.startswith(("failed", "p50")))
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
