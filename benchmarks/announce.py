"""Delay of other requests by one announcement to 10,000 idle sockets.

    python -m benchmarks.announce [--sessions 10000] [--users 1000] [--rounds 5]

The server is pinned to core 0, the clients to core 1. Each round measures the maximum response time
of `GET /health/live`, requested in a loop on one connection: first on an idle server, then during
an announcement whose frames the sockets leave unread, so that the clients use no CPU time for them.
The difference is the delay caused by the announcement. A second announcement is then read by all
sockets, without other requests, to measure the time to its last delivery.
"""

import argparse
import http.client
import json
import os
import threading
import time

from benchmarks.client_pool import ClientPool, PooledClient
from benchmarks.players import add_players, issue_token, make_operator
from benchmarks.server import BenchServer, server_for_many_sockets
from domain.account import Role

PROBE_S = 1.5
"""Duration of a series of requests, longer than the hub's period of one second."""


def main() -> None:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {1})
    with server_for_many_sockets(SYNCHUB_REALTIME_HEARTBEAT_S="60") as server:
        measure(server, arguments)


def measure(server: BenchServer, arguments: argparse.Namespace) -> None:
    """Print one line per round."""
    users = add_players(server, arguments.users)
    tokens = [issue_token(server, user) for user in users]
    make_operator(server, users[0])
    operator = issue_token(server, users[0], Role.ADMIN)
    pool = ClientPool(server.port, [tokens[n % len(tokens)] for n in range(arguments.sessions)])
    pool.open(lambda client: has_frame(client, b"initial_state"))
    print(f"{len(pool.clients)} sockets of {len(users)} users; times in ms")
    print("max response time: idle  announcing  |  last delivery after")
    for _ in range(arguments.rounds):
        idle = max_response_time(server)
        announcing = max_response_time(server, operator)
        pool.wait_until(lambda client: has_frame(client, b"announcement"))
        began = time.perf_counter()
        event_publisher = threading.Thread(target=announce, args=(server, operator))
        event_publisher.start()
        last = pool.wait_until(lambda client: has_frame(client, b"announcement"))
        event_publisher.join()
        print(f"{idle * 1000:23.2f} {announcing * 1000:11.2f}  |  {(last - began) * 1000:19.0f}")
    pool.close()


def has_frame(client: PooledClient, frame_type: bytes) -> bool:
    """Whether the client has received a frame of this type."""
    return any(frame.startswith(b'{"type":"%b"' % frame_type) for frame in client.frames)


def max_response_time(server: BenchServer, operator: str | None = None) -> float:
    """Maximum in seconds; with an operator's token, an announcement goes out half-way."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    began, maximum = time.perf_counter(), 0.0
    while (sent := time.perf_counter()) < began + PROBE_S:
        if operator and sent > began + PROBE_S / 2:
            announce(server, operator)
            operator = None
            continue
        connection.request("GET", "/health/live")
        connection.getresponse().read()
        maximum = max(maximum, time.perf_counter() - sent)
    connection.close()
    return maximum


def announce(server: BenchServer, operator: str) -> None:
    """Send an announcement to all users."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    body = json.dumps({"message": "Maintenance begins in five minutes."})
    headers = {"Authorization": f"Bearer {operator}", "Content-Type": "application/json"}
    connection.request("POST", "/api/admin/announce", body, headers)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    connection.close()


if __name__ == "__main__":
    main()
