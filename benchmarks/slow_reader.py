"""What one slow reader does to 1,000 fast ones, and to the server's memory.

    python -m benchmarks.slow_reader [--users 50] [--devices 20] [--seconds 6] [--rate 15]

Fast users spin `rate` times a second in all, the slow reader's user twice as often. Phases without
and with the slow reader, which takes 1 KB/s, take turns in one run, on one server pinned to core 0.
Latency is from just before a REST call to the arrival of each of its events at each device. In the
end the slow one reads on at full speed, and must have got every event, in order.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
from attrs import define, field

from benchmarks.memory import open_all
from benchmarks.raw_socket import RawSocket
from benchmarks.server import BenchServer, server_for_many_sockets, sign_up

SLOW_BYTES_PER_S = 1024
ROUNDS = 3


@define
class Watch:
    """When each spin was asked for, and when its events arrived."""

    asked: dict[str, float] = field(factory=dict)
    arrived: list[tuple[str, float]] = field(factory=list)

    async def listen(self, socket: RawSocket) -> None:
        async for frame in socket.frames():
            at = time.perf_counter()
            self.arrived.append((json.loads(frame)["id"], at))

    def latencies_ms(self) -> list[float]:
        """Sorted."""
        return sorted((at - self.asked[i]) * 1000 for i, at in self.arrived if i in self.asked)


@define
class SlowReader:
    """Goes on where it was each time it connects; fails on a gap or a duplicate."""

    server: BenchServer
    token: str
    epoch: str = ""
    seq: int = 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Connected, at 1 KB/s."""
        socket = await self._open(slow=True)
        socket.throttle(SLOW_BYTES_PER_S)
        task = asyncio.create_task(self._listen(socket, until=2**62))
        yield
        socket.close()
        task.cancel()
        with suppress(asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            await task

    async def catch_up(self, seq: int) -> None:
        """At full speed, up to this number."""
        await self._listen(await self._open(slow=False), until=seq)

    async def _open(self, *, slow: bool) -> RawSocket:
        since = f"{self.epoch}:{self.seq}" if self.epoch else ""
        return await RawSocket.open(self.server.port, self.token, since, slow=slow)

    async def _listen(self, socket: RawSocket, until: int) -> None:
        async for text in socket.frames():
            frame = json.loads(text)
            if frame["type"] == "sync_connected":
                assert frame["recovered"] == bool(self.epoch), "it could have gone on"
                self.epoch, self.seq = frame["epoch"], frame["seq"]
            elif frame["type"] != "initial_state":
                assert frame["seq"] == self.seq + 1, "a gap or a duplicate"
                self.seq = frame["seq"]
            if self.seq >= until:
                return


@define
class Load:
    """Players who spin at a steady rate."""

    http: httpx.AsyncClient
    last_seq: int = 0

    async def spin(self, token: str, rate: float, seconds: float, watch: Watch | None) -> None:
        """`watch` notes the spins of fast users."""
        begun = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            asked = time.perf_counter()
            answer = await self.http.post(
                "/api/games/slot/spin",
                json={"bet_amount": 1},
                headers={"Authorization": f"Bearer {token}"},
            )
            events = answer.raise_for_status().json()["events"]
            if watch is None:
                self.last_seq = events[-1]["seq"]
            else:
                watch.asked.update((event["id"], asked) for event in events)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--users", type=int, default=50)
    options.add_argument("--devices", type=int, default=20)
    options.add_argument("--seconds", type=float, default=6)
    options.add_argument("--rate", type=float, default=15)
    arguments = options.parse_args()
    with server_for_many_sockets() as server:
        asyncio.run(measure(server, arguments))


async def measure(server: BenchServer, arguments: argparse.Namespace) -> None:
    slow = SlowReader(server, sign_up(server.base))
    tokens = [sign_up(server.base) for _ in range(arguments.users)]
    sockets = await open_all(server, tokens, arguments.users * arguments.devices)
    watches = {False: Watch(), True: Watch()}
    current = Watch()
    listening = [asyncio.create_task(current.listen(socket)) for socket in sockets]
    async with httpx.AsyncClient(base_url=server.base, timeout=30) as http:
        load = Load(http)
        await phase(load, slow.token, tokens, Watch(), arguments)  # warm up; nothing is counted
        for with_slow in [False, True] * ROUNDS:
            current.asked, current.arrived = {}, []
            if with_slow:
                async with slow.reading():
                    await phase(load, slow.token, tokens, current, arguments)
                    report_server(server, await scrape(http), slow)
            else:
                await phase(load, slow.token, tokens, current, arguments)
            watches[with_slow].asked.update(current.asked)
            watches[with_slow].arrived += current.arrived
        await slow.catch_up(load.last_seq)
    for task in listening:
        task.cancel()
    report(watches, slow)


async def phase(
    load: Load, slow_token: str, tokens: list[str], watch: Watch, arguments: argparse.Namespace
) -> None:
    """All users play; what they cause has a moment to arrive."""
    rate = arguments.rate / len(tokens)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.spin(slow_token, 2 * arguments.rate, arguments.seconds, None))
        for number, token in enumerate(tokens):
            await asyncio.sleep(arguments.seconds / 50 / len(tokens) * (number > 0))
            group.create_task(load.spin(token, rate, arguments.seconds, watch))
    await asyncio.sleep(0.5)


async def scrape(http: httpx.AsyncClient) -> str:
    """The modes of the open connections."""
    lines = (await http.get("/metrics")).text.splitlines()
    return "; ".join(line for line in lines if line.startswith("synchub_connections{"))


def report_server(server: BenchServer, modes: str, slow: SlowReader) -> None:
    print(f"with the slow one at {slow.seq}: RSS {server.rss_bytes() / 2**20:.1f} MiB; {modes}")


def report(watches: dict[bool, Watch], slow: SlowReader) -> None:
    p99 = {}
    for with_slow, watch in watches.items():
        found = watch.latencies_ms()
        p99[with_slow] = found[len(found) * 99 // 100]
        name = "with slow reader" if with_slow else "without"
        p50 = found[len(found) // 2]
        print(
            f"{name:18} {len(found):7d} deliveries  p50 {p50:6.2f} ms  p99 {p99[with_slow]:6.2f} ms"
        )
    print(f"p99 with / without {p99[True] / p99[False]:6.2f}")
    print(f"the slow one has all {slow.seq} events, in order")


if __name__ == "__main__":
    main()
