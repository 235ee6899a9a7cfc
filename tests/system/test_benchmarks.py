"""Smoke tests of the benchmarks. They do not check the figures."""

import asyncio
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest

from benchmarks.event import envelope
from benchmarks.load import open_load_generator
from benchmarks.peer import Peer, RunningPeer
from benchmarks.peers.hub import SYNC, Hub, spin_requests
from benchmarks.peers.litestar import LitestarChannels
from benchmarks.peers.reference import BatchedReference, Reference
from benchmarks.plots import write_plots
from benchmarks.raw_socket import RawSocket
from benchmarks.report import tables
from benchmarks.results import Results, ScenarioResults

SOCKETS = 50
needs_gcc = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is missing")


def test_the_event_has_the_documented_size() -> None:
    """270 bytes; the placeholder has the length of a time."""
    assert len(envelope()) == 270


async def test_pump_events_continue_the_sequence_of_a_player(tmp_path: Path) -> None:
    """Published events arrive at a live session, in order and with their times."""
    with Hub().run(1, tmp_path) as running:
        token = running.paths[0].removeprefix(f"{SYNC}?token=")
        socket = await RawSocket.open(running.ports[0], token)
        frames = socket.frames()
        opening = [json.loads(await anext(frames))["type"] for _ in range(running.ready_frames)]
        assert opening == ["sync_connected", "initial_state"]

        await _publish(running, time=1_700_000_000_000_000_000, burst=3)

        events = [json.loads(await anext(frames)) for _ in range(3)]
        assert [event["seq"] for event in events] == [1, 2, 3]
        assert {1_700_000_000_000_000_000} == {e["data"]["reward_data"]["t"] for e in events}
        socket.close()


async def _publish(running: RunningPeer, time: int, burst: int) -> None:
    request = running.request(burst).text.replace(b"T" * 19, b"%d" % time)
    _, writer = await asyncio.open_connection("127.0.0.1", running.publish_port)
    writer.write(request.replace(b"G" * 6, b"000000"))
    await writer.drain()
    writer.close()


@needs_gcc
@pytest.mark.parametrize(
    "peer", [Reference(), BatchedReference(), Hub(), LitestarChannels()], ids=lambda peer: peer.name
)
def test_every_frame_of_a_burst_arrives(peer: Peer, tmp_path: Path) -> None:
    """Two groups of sockets: bursts of eight events at saturation, and single events at a rate."""
    with peer.run(2, tmp_path) as running, open_load_generator(running, SOCKETS, tmp_path) as load:
        for measured in (load.saturate(8, 0.2), load.pace(200, 0.2)):
            assert measured.lost == 0
            assert measured.events * SOCKETS // 2 == measured.frames
            assert measured.cpu_us_per_frame > 0


@needs_gcc
def test_results_are_stored_and_reported(tmp_path: Path) -> None:
    """Results are read back from JSON; tables and deterministic plots are made of them."""
    scenario = ScenarioResults(missing={"nchan": "apt-get install it"})
    peer = Reference()
    with peer.run(1, tmp_path) as running, open_load_generator(running, 2, tmp_path) as load:
        scenario.add(peer.name, "100", load.pace(100, 0.1))
        scenario.add(peer.name, "1000", load.pace(1000, 0.1))
    results = Results(
        {"cores": "2"}, {"rounds": 1}, dict.fromkeys(("fanout", "rates", "sockets"), scenario)
    )
    stored = tmp_path / "results/latest.json"
    results.write(stored)

    assert "nchan (apt-get install it)" in tables(Results.read(stored))
    for folder in (tmp_path / "plots", tmp_path / "again"):
        write_plots(Results.read(stored), folder)
    plots = sorted((tmp_path / "plots").glob("*.svg"))
    names = ["cost", "cpu", "fanout-100", "fanout-1000", "latency-p50", "latency-p99", "memory"]
    assert [plot.stem for plot in plots] == names
    for plot in plots:
        assert ElementTree.parse(plot).getroot().tag.endswith("svg")  # noqa: S314 (our own)
        assert plot.read_bytes() == (tmp_path / "again" / plot.name).read_bytes()


@needs_gcc
def test_spins_reach_the_sockets_of_their_players(tmp_path: Path) -> None:
    """Each request is answered and causes frames."""
    with Hub().run(2, tmp_path) as running, open_load_generator(running, 2, tmp_path) as load:
        measured = load.spin(20, 0.3, spin_requests(running))
    assert measured.events == measured.responses > 0
    assert measured.frames >= measured.responses


class ClosingServer:
    """Answers one REST request per connection with a frame and a 200, then closes the connection.

    It closes the connection either while it is idle, or when the next request has been sent: that
    request crosses the close, as with a keep-alive timeout at this moment.
    """

    def __init__(self, close: Literal["idle", "crossing"]) -> None:
        self._close = close
        self._sockets: list[asyncio.StreamWriter] = []
        self.responses = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        with suppress(asyncio.IncompleteReadError):
            if b"Upgrade" in await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
                self._sockets.append(writer)
                await reader.read()
            else:
                self._respond(writer)
                if self._close == "crossing":
                    await reader.readexactly(1)
        writer.close()

    def _respond(self, writer: asyncio.StreamWriter) -> None:
        self.responses += 1
        self._sockets[0].write(b"\x81\x02{}")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


@needs_gcc
@pytest.mark.parametrize("close", ["idle", "crossing"])
async def test_a_closed_keep_alive_connection_is_reopened(
    close: Literal["idle", "crossing"], tmp_path: Path
) -> None:
    """Between two phases and within a phase; every request is answered exactly once."""
    closing = ClosingServer(close)

    def measure(port: int) -> int:
        running = RunningPeer(processes=[], ports=[port], paths=["/"], publish_port=port)
        request = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        with open_load_generator(running, 1, tmp_path) as load:
            phases = [load.spin(20, 0.3, [request]) for _ in range(2)]
        assert all(measured.events == measured.responses > 1 for measured in phases)
        return sum(measured.responses for measured in phases)

    async with await asyncio.start_server(closing.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await asyncio.to_thread(measure, port) == closing.responses
