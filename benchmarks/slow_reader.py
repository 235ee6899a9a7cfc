"""Effect of one slow reader on 1,000 fast ones and on the memory of the server (back-pressure).

    python -m benchmarks.slow_reader [--users 50] [--devices 20] [--seconds 6] [--rate 15]

Fast users spin `rate` times per second in total, the user of the slow reader twice as often. Phases
without and with the slow reader, which reads 1 KB/s, alternate on one server pinned to core 0.
Latency counts from just before a REST request to the arrival of each of its events at each device.
In the end the slow reader reads at full speed and must have received every event in order.
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
class LatencyRecorder:
    """Times of the requests and of the arrival of their events, by event id."""

    sent: dict[str, float] = field(factory=dict)
    arrived: list[tuple[str, float]] = field(factory=list)

    async def listen(self, socket: RawSocket) -> None:
        """Record the frames of a socket."""
        async for frame in socket.frames():
            at = time.perf_counter()
            self.arrived.append((json.loads(frame)["id"], at))

    def latencies_ms(self) -> list[float]:
        """Sorted latencies of all deliveries."""
        return sorted((at - self.sent[i]) * 1000 for i, at in self.arrived if i in self.sent)


@define
class SlowReader:
    """A device that resumes its session on each connect; fails on a gap or a duplicate."""

    server: BenchServer
    token: str
    epoch: str = ""
    seq: int = 0

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """Read 1 KB/s within the context."""
        socket = await self._open(slow=True)
        socket.throttle(SLOW_BYTES_PER_S)
        task = asyncio.create_task(self._listen(socket, until=2**62))
        yield
        socket.close()
        task.cancel()
        with suppress(asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            await task

    async def catch_up(self, seq: int) -> None:
        """Read at full speed up to this sequence number."""
        await self._listen(await self._open(slow=False), until=seq)

    async def _open(self, *, slow: bool) -> RawSocket:
        since = f"{self.epoch}:{self.seq}" if self.epoch else ""
        return await RawSocket.open(self.server.port, self.token, since, slow=slow)

    async def _listen(self, socket: RawSocket, until: int) -> None:
        async for text in socket.frames():
            frame = json.loads(text)
            if frame["type"] == "sync_connected":
                assert frame["recovered"] == bool(self.epoch), "the session was not resumed"
                self.epoch, self.seq = frame["epoch"], frame["seq"]
            elif frame["type"] != "initial_state":
                assert frame["seq"] == self.seq + 1, "a gap or a duplicate"
                self.seq = frame["seq"]
            if self.seq >= until:
                return


@define
class SpinLoad:
    """Spins at a constant rate."""

    http: httpx.AsyncClient
    last_seq: int = 0

    async def spin(
        self, token: str, rate: float, seconds: float, recorder: LatencyRecorder | None
    ) -> None:
        """Spin as one user; `recorder` is for fast users."""
        begun = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            sent = time.perf_counter()
            response = await self.http.post(
                "/api/games/slot/spin",
                json={"bet_amount": 1},
                headers={"Authorization": f"Bearer {token}"},
            )
            events = response.raise_for_status().json()["events"]
            if recorder is None:
                self.last_seq = events[-1]["seq"]
            else:
                recorder.sent.update((event["id"], sent) for event in events)


def main() -> None:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--devices", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--rate", type=float, default=15)
    arguments = parser.parse_args()
    with server_for_many_sockets() as server:
        asyncio.run(measure(server, arguments))


async def measure(server: BenchServer, arguments: argparse.Namespace) -> None:
    """Run the phases and print the results."""
    slow = SlowReader(server, sign_up(server.base))
    tokens = [sign_up(server.base) for _ in range(arguments.users)]
    sockets = await open_all(server, tokens, arguments.users * arguments.devices)
    recorders = {False: LatencyRecorder(), True: LatencyRecorder()}
    current = LatencyRecorder()
    listening = [asyncio.create_task(current.listen(socket)) for socket in sockets]
    async with httpx.AsyncClient(base_url=server.base, timeout=30) as http:
        load = SpinLoad(http)
        await phase(load, slow.token, tokens, LatencyRecorder(), arguments)  # warm-up
        for with_slow in [False, True] * ROUNDS:
            current.sent, current.arrived = {}, []
            if with_slow:
                async with slow.reading():
                    await phase(load, slow.token, tokens, current, arguments)
                    report_server(server, await scrape(http), slow)
            else:
                await phase(load, slow.token, tokens, current, arguments)
            recorders[with_slow].sent.update(current.sent)
            recorders[with_slow].arrived += current.arrived
        await slow.catch_up(load.last_seq)
    for task in listening:
        task.cancel()
    report(recorders, slow)


async def phase(
    load: SpinLoad,
    slow_token: str,
    tokens: list[str],
    recorder: LatencyRecorder,
    arguments: argparse.Namespace,
) -> None:
    """Let all users spin, and give their events time to arrive."""
    rate = arguments.rate / len(tokens)
    async with asyncio.TaskGroup() as group:
        group.create_task(load.spin(slow_token, 2 * arguments.rate, arguments.seconds, None))
        for number, token in enumerate(tokens):
            await asyncio.sleep(arguments.seconds / 50 / len(tokens) * (number > 0))
            group.create_task(load.spin(token, rate, arguments.seconds, recorder))
    await asyncio.sleep(0.5)


async def scrape(http: httpx.AsyncClient) -> str:
    """Metrics of the open connections by mode."""
    lines = (await http.get("/metrics")).text.splitlines()
    return "; ".join(line for line in lines if line.startswith("synchub_connections{"))


def report_server(server: BenchServer, modes: str, slow: SlowReader) -> None:
    """Print the state of the server at the end of a phase with the slow reader."""
    print(f"slow reader at event {slow.seq}: RSS {server.rss_bytes() / 2**20:.1f} MiB; {modes}")


def report(recorders: dict[bool, LatencyRecorder], slow: SlowReader) -> None:
    """Print the percentiles with and without the slow reader."""
    p99 = {}
    for with_slow, recorder in recorders.items():
        latencies = recorder.latencies_ms()
        count = len(latencies)
        p50, p99[with_slow] = latencies[count // 2], latencies[count * 99 // 100]
        name = "with slow reader" if with_slow else "without"
        print(f"{name:18} {count:7d} deliveries  p50 {p50:6.2f} ms  p99 {p99[with_slow]:6.2f} ms")
    print(f"p99 ratio          {p99[True] / p99[False]:6.2f}")
    print(f"the slow reader received all {slow.seq} events in order")


if __name__ == "__main__":
    main()
