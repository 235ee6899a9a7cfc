"""What a broker adds to the time from a request to its events on the socket of another node.

    python -m benchmarks.brokers [--rounds 300]

On PostgreSQL: one node with messages in memory, and three nodes each on Redis (Valkey) and on
Kafka's protocol (Tansu), all running at the same time and asked in turn. A player is connected to
one node and spins at another; measured is the time from sending the request to the last of its
events on the socket. Nothing else goes on: this is latency, not throughput.
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
    took_ms: list[float] = field(factory=list)

    async def spin(self) -> float:
        """Milliseconds until its last event is there."""
        began = perf_counter()
        answer = await self.player.spin()
        last = answer["events"][-1]["seq"]
        async for frame in self.frames:
            if json.loads(frame).get("seq") == last:
                return (perf_counter() - began) * 1000
        raise RuntimeError("the server closed the socket")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=300)
    asyncio.run(measure(options.parse_args().rounds))


async def measure(rounds: int) -> None:
    async with AsyncExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        setups = {
            name: await stack.enter_async_context(setup(postgres, name, count))
            for name, count in NODES.items()
        }
        for number in range(WARM_UP + rounds):
            for one in setups.values():
                took_ms = await one.spin()
                if number >= WARM_UP:
                    one.took_ms.append(took_ms)
    print("request to last event, ms    p50     p99   added p50  added p99")
    base = percentiles(setups[MEMORY].took_ms)
    for name, one in setups.items():
        p50, p99 = percentiles(one.took_ms)
        added = f"{p50 - base[0]:9.2f}  {p99 - base[1]:9.2f}" if name != MEMORY else ""
        print(f"{name + f', {NODES[name]} node(s)':24} {p50:8.2f} {p99:7.2f}   {added}")


@asynccontextmanager
async def setup(postgres: PostgresServer, broker: str, count: int) -> AsyncIterator[Setup]:
    """The player's socket is at the last node, its requests go to the first."""
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
    """The 50th and the 99th."""
    hundredths = quantiles(values, n=100, method="inclusive")
    return hundredths[49], hundredths[98]


if __name__ == "__main__":
    main()
