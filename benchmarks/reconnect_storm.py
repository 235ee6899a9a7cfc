"""Simultaneous reconnect of 5,000 devices of as many users, each with a few missed events.

    python -m benchmarks.reconnect_storm [--sessions 5000] [--renames 2] [--rounds 3]

The server is pinned to core 0, the clients to core 1. Each round prints the time from the first
connection attempt until every device has received its last missed event, and the CPU time of the
server, which is less noisy. It also prints two numbers that must be zero: sessions that were not
resumed but received a new initial state, and events that were missing or out of order.
"""

import argparse
import json
import os
import time

from attrs import define

from benchmarks.client_pool import ClientPool, PooledClient
from benchmarks.players import add_players, issue_token, journal_epoch, rename_players
from benchmarks.server import BenchServer, server_for_many_sockets


@define
class StormResult:
    """Result of one round."""

    seconds: float
    cpu_seconds: float
    not_resumed: int = 0
    missing: int = 0


def main() -> None:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=5_000)
    parser.add_argument("--renames", type=int, default=2, help="events missed by each user")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {1})
    for number in range(arguments.rounds):
        with server_for_many_sockets() as server:
            result = storm(server, arguments)
        print(
            f"round {number + 1}: all resumed after {result.seconds:.2f} s "
            f"({result.cpu_seconds:.2f} s of server CPU time), "
            f"{result.not_resumed} not resumed, {result.missing} with missing events"
        )


def storm(server: BenchServer, arguments: argparse.Namespace) -> StormResult:
    """Run one round on a new server."""
    users = add_players(server, arguments.sessions)
    tokens = [issue_token(server, user) for user in users]
    last = rename_players(server, users, arguments.renames)
    pool = ClientPool(server.port, tokens, since=f"{journal_epoch(server)}:0")
    used, began = server.cpu_seconds(), time.perf_counter()
    pool.open(lambda client: is_live(client, last))
    result = StormResult(time.perf_counter() - began, server.cpu_seconds() - used)
    for client in pool.clients:
        connected, *events = map(json.loads, client.frames)
        result.not_resumed += not connected["recovered"]
        result.missing += [event["seq"] for event in events] != list(range(1, last + 1))
    pool.close()
    return result


def is_live(client: PooledClient, last: int) -> bool:
    """Whether the client has received the event with this number, or a newer initial state."""
    return any(json.loads(frame)["seq"] >= last for frame in client.frames if b'"seq"' in frame)


if __name__ == "__main__":
    main()
