"""What a node receives from Redis, as the cluster grows: it should fall.

    python -m benchmarks.redis_traffic [--users 1000] [--spins 2000] [--nodes 2 4]

Users are spread evenly over the nodes, one device each; their spins go to random nodes. Redis
(Valkey) itself counts the bytes that it sends to each connection. Printed is what a node's
subscribed connection receives per spin, and with nobody playing (beats of the nodes).
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

AT_ONCE = 16
IDLE_S = 5.0


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=1000)
    options.add_argument("--spins", type=int, default=2000)
    options.add_argument("--nodes", type=int, nargs="+", default=[2, 4])
    arguments = options.parse_args()
    print("nodes   users at each   bytes in per node: per spin   idle, per second")
    with postgres_server() as postgres:
        for count in arguments.nodes:
            asyncio.run(measure(postgres, count, arguments.users, arguments.spins))


async def measure(postgres: PostgresServer, count: int, users: int, spins: int) -> None:
    url = (await postgres.new_database()).set(drivername="postgresql")
    random = Random(1)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        broker = stack.enter_context(redis_broker())
        environment = dict(broker.environment)
        redis = await stack.enter_async_context(Redis.from_url(environment["SYNCHUB_REDIS_URL"]))
        environment["SYNCHUB_DATABASE_URL"] = url.render_as_string(hide_password=False)
        nodes = await stack.enter_async_context(node_processes(folder, count, **environment))
        players = await sign_all_up(nodes, users)
        for number, player in enumerate(players):
            port = nodes.nodes[number % count].port
            socket = await RawSocket.open(port, player.access_token)
            stack.callback(socket.close)
            reading = asyncio.create_task(drain(socket))
            stack.callback(reading.cancel)
        began, before = monotonic(), await received(redis)
        await asyncio.sleep(IDLE_S)
        idle = (await received(redis) - before) / count / (monotonic() - began)
        began, before = monotonic(), await received(redis)
        await play(nodes, players, spins, random)
        total = (await received(redis) - before) / count
        per_spin = (total - idle * (monotonic() - began)) / spins
        print(f"{count:5} {users // count:15} {per_spin:29.0f} {idle:18.0f}")


async def sign_all_up(nodes: NodeProcesses, users: int) -> list[Client]:
    players: list[Client] = []
    while len(players) < users:
        at = [number % len(nodes.nodes) for number in range(min(AT_ONCE, users - len(players)))]
        players += await asyncio.gather(
            *(sign_up(nodes.https[index], nodes.nodes[index]) for index in at)
        )
    return players


async def play(nodes: NodeProcesses, players: Sequence[Client], spins: int, random: Random) -> None:
    async def spin(number: int) -> None:
        for _ in range(number):
            index = random.randrange(len(nodes.nodes))
            await nodes.at(index, random.choice(players)).spin()

    await asyncio.gather(*(spin(spins // AT_ONCE) for _ in range(AT_ONCE)))


async def drain(socket: RawSocket) -> None:
    async for _ in socket.frames():
        pass


async def received(redis: "Redis") -> int:
    """Bytes that Redis has sent to all connections that subscribe."""
    clients = await redis.client_list(_type="pubsub")
    return sum(int(client["tot-net-out"]) for client in clients)


if __name__ == "__main__":
    main()
