"""Latency added by a broker, from a request to its events on the socket of another node.

    python -m benchmarks.brokers [--rounds 300]

On PostgreSQL: one node with the memory broadcaster, and three nodes each on Redis (Valkey) and on
Kafka's protocol (Tansu). All run at the same time and are measured in turn. A player is connected
to one node and spins at another. The latency is the time from sending the request to the last of
its events on the socket, without any other load.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from attrs import define, field

from benchmarks.raw_socket import RawSocket
from tests.support.brokers import BROKERS
from tests.support.client import Client, sign_up
from tests.support.node_processes import node_processes
from tests.support.servers import PostgresServer, postgres_server

MEMORY = "memory"
NODES = {MEMORY: 1, "redis": 3, "kafka": 3}
WARM_UP = 30


@define(eq=False)
class Setup:
    """A cluster with one connected player."""

    player: Client
    frames: AsyncIterator[bytes]
    latencies_ms: list[float] = field(factory=list)

    async def spin(self) -> float:
        """Spin; returns the time to the last event in ms."""
        began = perf_counter()
        response = await self.player.spin()
        last = response["events"][-1]["seq"]
        async for frame in self.frames:
            if json.loads(frame).get("seq") == last:
                return (perf_counter() - began) * 1000
        raise RuntimeError("the server closed the socket")


def main() -> None:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=300)
    asyncio.run(measure(parser.parse_args().rounds))


async def measure(rounds: int) -> None:
    """Print percentiles for each broker."""
    async with AsyncExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        setups = {
            name: await stack.enter_async_context(setup(postgres, name, count))
            for name, count in NODES.items()
        }
        for number in range(WARM_UP + rounds):
            for one in setups.values():
                latency_ms = await one.spin()
                if number >= WARM_UP:
                    one.latencies_ms.append(latency_ms)
    print("request to last event, ms    p50     p99   added p50  added p99")
    base = percentiles(setups[MEMORY].latencies_ms)
    for name, one in setups.items():
        p50, p99 = percentiles(one.latencies_ms)
        added = f"{p50 - base[0]:9.2f}  {p99 - base[1]:9.2f}" if name != MEMORY else ""
        print(f"{name + f', {NODES[name]} node(s)':24} {p50:8.2f} {p99:7.2f}   {added}")


@asynccontextmanager
async def setup(postgres: PostgresServer, broker: str, count: int) -> AsyncIterator[Setup]:
    """Run a cluster; the player is connected to the last node and sends requests to the first."""
    url = (await postgres.new_database()).set(drivername="postgresql")
    environment = {"SYNCHUB_DATABASE_URL": url.render_as_string(hide_password=False)}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        if broker != MEMORY:
            environment |= stack.enter_context(BROKERS[broker]()).environment
        nodes = await stack.enter_async_context(node_processes(folder, count, **environment))
        player = await sign_up(nodes.https[0], nodes.nodes[0])
        socket = await RawSocket.open(nodes.nodes[-1].port, player.access_token)
        stack.callback(socket.close)
        yield Setup(player, socket.frames())


def percentiles(values: list[float]) -> tuple[float, float]:
    """50th and 99th percentile."""
    hundredths = quantiles(values, n=100, method="inclusive")
    return hundredths[49], hundredths[98]


if __name__ == "__main__":
    main()
