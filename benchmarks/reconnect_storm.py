"""5,000 devices of as many users come back at once, each having missed a few events.

    python -m benchmarks.reconnect_storm [--sessions 5000] [--renames 2] [--rounds 3]

The server is pinned to core 0, the load to core 1. What is printed is the time from the first
connection attempt until every device has its last missed event, with the processor time that the
server used (less noisy), and what must be zero: fresh starts, and events that are missing or not
in order.
"""

import argparse
import json
import os
import time

from attrs import define

from benchmarks.crowd import Crowd, Member
from benchmarks.players import act, add_players, epoch, issue_token
from benchmarks.server import BenchServer, server_for_many_sockets


@define
class Findings:
    seconds: float
    cpu_s: float
    fresh_starts: int = 0
    missing: int = 0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sessions", type=int, default=5_000)
    options.add_argument("--renames", type=int, default=2, help="changes missed by each")
    options.add_argument("--rounds", type=int, default=3)
    arguments = options.parse_args()
    os.sched_setaffinity(0, {1})
    for number in range(arguments.rounds):
        with server_for_many_sockets() as server:
            findings = storm(server, arguments)
        print(
            f"round {number + 1}: all live again after {findings.seconds:.2f} s "
            f"({findings.cpu_s:.2f} s of the server's CPU), "
            f"{findings.fresh_starts} fresh starts, {findings.missing} events missing"
        )


def storm(server: BenchServer, arguments: argparse.Namespace) -> Findings:
    users = add_players(server, arguments.sessions)
    tokens = [issue_token(server, user) for user in users]
    last = act(server, users, arguments.renames)
    crowd = Crowd(server.port, tokens, since=f"{epoch(server)}:0")
    used, began = server.cpu_s(), time.perf_counter()
    crowd.open(lambda member: is_live(member, last))
    findings = Findings(time.perf_counter() - began, server.cpu_s() - used)
    for member in crowd.members:
        connected, *events = map(json.loads, member.frames)
        findings.fresh_starts += not connected["recovered"]
        findings.missing += [event["seq"] for event in events] != list(range(1, last + 1))
    crowd.close()
    return findings


def is_live(member: Member, last: int) -> bool:
    """It has the event with this number, or a state instead."""
    return any(json.loads(frame)["seq"] >= last for frame in member.frames if b'"seq"' in frame)


if __name__ == "__main__":
    main()
