"""Traffic from Redis to each node by number of nodes: it should fall as the cluster grows.

    python -m benchmarks.redis_traffic [--users 1000] [--spins 2000] [--nodes 2 4]

Users are spread evenly over the nodes, one device each, and spin at random nodes. Redis (Valkey)
counts the bytes that it sends on each connection. The result is the traffic of a node's subscribed
connection per spin, and its idle traffic per second (heartbeats of the nodes).
"""

import argparse
import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

from redis.asyncio import Redis

from benchmarks.raw_socket import RawSocket
from tests.support.brokers import redis_broker
from tests.support.client import Client, sign_up
from tests.support.node_processes import NodeProcesses, node_processes
from tests.support.servers import PostgresServer, postgres_server

CONCURRENCY = 16
IDLE_S = 5.0


def main() -> None:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--spins", type=int, default=2000)
    parser.add_argument("--nodes", type=int, nargs="+", default=[2, 4])
    arguments = parser.parse_args()
    print("nodes  users per node  bytes in per node: per spin  idle, per second")
    with postgres_server() as postgres:
        for count in arguments.nodes:
            asyncio.run(measure(postgres, count, arguments.users, arguments.spins))


async def measure(postgres: PostgresServer, count: int, users: int, spins: int) -> None:
    """Print the traffic per node of a cluster of `count` nodes."""
    url = (await postgres.new_database()).set(drivername="postgresql")
    random = Random(1)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        broker = stack.enter_context(redis_broker())
        environment = dict(broker.environment)
        redis = await stack.enter_async_context(Redis.from_url(environment["SYNCHUB_REDIS_URL"]))
        environment["SYNCHUB_DATABASE_URL"] = url.render_as_string(hide_password=False)
        nodes = await stack.enter_async_context(node_processes(folder, count, **environment))
        players = await sign_up_all(nodes, users)
        for number, player in enumerate(players):
            port = nodes.nodes[number % count].port
            socket = await RawSocket.open(port, player.access_token)
            stack.callback(socket.close)
            reading = asyncio.create_task(drain(socket))
            stack.callback(reading.cancel)
        began, before = monotonic(), await bytes_sent(redis)
        await asyncio.sleep(IDLE_S)
        idle = (await bytes_sent(redis) - before) / count / (monotonic() - began)
        began, before = monotonic(), await bytes_sent(redis)
        await play(nodes, players, spins, random)
        total = (await bytes_sent(redis) - before) / count
        per_spin = (total - idle * (monotonic() - began)) / spins
        print(f"{count:5}  {users // count:14}  {per_spin:27.0f}  {idle:16.0f}")


async def sign_up_all(nodes: NodeProcesses, users: int) -> list[Client]:
    """Create players, spread over the nodes."""
    players: list[Client] = []
    while len(players) < users:
        at = [number % len(nodes.nodes) for number in range(min(CONCURRENCY, users - len(players)))]
        players += await asyncio.gather(
            *(sign_up(nodes.https[index], nodes.nodes[index]) for index in at)
        )
    return players


async def play(nodes: NodeProcesses, players: Sequence[Client], spins: int, random: Random) -> None:
    """Send spins of random players to random nodes."""

    async def spin(number: int) -> None:
        for _ in range(number):
            index = random.randrange(len(nodes.nodes))
            await nodes.at(index, random.choice(players)).spin()

    await asyncio.gather(*(spin(spins // CONCURRENCY) for _ in range(CONCURRENCY)))


async def drain(socket: RawSocket) -> None:
    """Read and discard all frames."""
    async for _ in socket.frames():
        pass


async def bytes_sent(redis: "Redis") -> int:
    """Bytes that Redis has sent to all subscribed connections."""
    clients = await redis.client_list(_type="pubsub")
    return sum(int(client["tot-net-out"]) for client in clients)


if __name__ == "__main__":
    main()
