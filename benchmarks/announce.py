"""One announcement to 10,000 idle sockets: for how long does it hold up everything else?

    python -m benchmarks.announce [--sessions 10000] [--users 1000] [--rounds 5]

The server is pinned to core 0, the load to core 1. In each round the longest time is taken that
`GET /health/live` needs, asked for again and again on one connection: once while nothing happens,
once while an announcement goes out and the sockets leave it unread, so that the load does nothing
but ask. What one takes longer than the other is what the announcement holds up at most. Then
another goes out while nothing is asked, and is read: when does the last socket have it?
"""

import argparse
import http.client
import json
import os
import threading
import time

from benchmarks.crowd import Crowd, Member
from benchmarks.players import add_players, issue_token
from benchmarks.server import BenchServer, server_for_many_sockets
from domain.account import Role

LOOK_S = 1.5
"""How long the server is asked; longer than the hub's period of a second."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sessions", type=int, default=10_000)
    options.add_argument("--users", type=int, default=1_000)
    options.add_argument("--rounds", type=int, default=5)
    arguments = options.parse_args()
    os.sched_setaffinity(0, {1})
    with server_for_many_sockets(SYNCHUB_REALTIME_HEARTBEAT_S="60") as server:
        measure(server, arguments)


def measure(server: BenchServer, arguments: argparse.Namespace) -> None:
    users = add_players(server, arguments.users)
    tokens = [issue_token(server, user) for user in users]
    operator = issue_token(server, users[0], Role.ADMIN)
    crowd = Crowd(server.port, [tokens[n % len(tokens)] for n in range(arguments.sessions)])
    crowd.open(lambda member: frame_of(member, b"initial_state"))
    print(f"{len(crowd.members)} sockets of {len(users)} users; all in ms")
    print("longest answer: idle  announcing  | the last socket has it after")
    for _ in range(arguments.rounds):
        idle = longest_answer(server)
        announcing = longest_answer(server, operator)
        crowd.until(lambda member: frame_of(member, b"announcement"))
        began = time.perf_counter()
        event_publisher = threading.Thread(target=announce, args=(server, operator))
        event_publisher.start()
        last = crowd.until(lambda member: frame_of(member, b"announcement"))
        event_publisher.join()
        print(f"{idle * 1000:20.2f} {announcing * 1000:11.2f}  |  {(last - began) * 1000:18.0f}")
    crowd.close()


def frame_of(member: Member, frame_type: bytes) -> bool:
    return any(frame.startswith(b'{"type":"%b"' % frame_type) for frame in member.frames)


def longest_answer(server: BenchServer, operator: str | None = None) -> float:
    """In seconds, while `operator` announces something half-way, or while nobody does."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    began, longest = time.perf_counter(), 0.0
    while (asked := time.perf_counter()) < began + LOOK_S:
        if operator and asked > began + LOOK_S / 2:
            announce(server, operator)
            operator = None
            continue
        connection.request("GET", "/health/live")
        connection.getresponse().read()
        longest = max(longest, time.perf_counter() - asked)
    connection.close()
    return longest


def announce(server: BenchServer, operator: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    body = json.dumps({"message": "Maintenance begins in five minutes."})
    headers = {"Authorization": f"Bearer {operator}", "Content-Type": "application/json"}
    connection.request("POST", "/api/admin/announce", body, headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()


if __name__ == "__main__":
    main()
