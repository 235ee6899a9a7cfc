"""The server drops peers that are gone without a close, and keeps those that are only slow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic

import httpx
import pytest
import pytest_asyncio

from tests.support.client import PATIENCE_S, http_client, sign_up
from tests.support.metrics import metric
from tests.support.process import Process, serving
from tests.support.proxy import ProxiedConnection, Proxy, proxying
from tests.support.resuming_client import ResumingClient, staying_connected
from tests.support.scale import SEED

HEARTBEAT_S, STALL_S, TICK_S = 1.0, 2.0, 1.0
LATE_S = 3.0
"""How late a busy machine may be."""
DROPPED_WITHIN_S = 2 * HEARTBEAT_S + LATE_S
CUT_OFF = {1006, 1011}
"""What a client sees that has missed a heartbeat, whether the server's last word came through."""
SLOW_BYTES_PER_S, EVENT_BYTES = 8_000, 250
READING_S = 3 * 2 * HEARTBEAT_S
"""Long enough for the server to give a slow reader up three times."""


@asynccontextmanager
async def _server(folder: Path, **environment: str) -> AsyncIterator[Process]:
    """A server with short timeouts."""
    environment.setdefault("SYNCHUB_REALTIME_HEARTBEAT_S", str(HEARTBEAT_S))
    async with serving(
        folder,
        SYNCHUB_REALTIME_STALL_S=str(STALL_S),
        SYNCHUB_REALTIME_BUFFER_BYTES=str(64 * 1024),
        **environment,
    ) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    async with _server(tmp_path_factory.mktemp("half_open")) as running:
        yield running


@pytest_asyncio.fixture
async def http(server: Process) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(server) as client:
        yield client


@asynccontextmanager
async def _connected(device: ResumingClient, proxy: Proxy) -> AsyncIterator[ProxiedConnection]:
    """The device's proxied connection, once frames are flowing."""
    connections = device.connections
    async with staying_connected([device]):
        async with asyncio.timeout(PATIENCE_S):
            while device.connections == connections:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        (connection,) = proxy.connections
        yield connection


@asynccontextmanager
async def _behind_a_proxy(
    server: Process, http: httpx.AsyncClient
) -> AsyncIterator[tuple[ResumingClient, Proxy]]:
    await _until_dropped(http)  # those of the tests before
    player = await sign_up(http, server)
    async with proxying(server.port) as proxy:
        yield ResumingClient(player, proxy.ws_url, Random(SEED)), proxy


async def _miss(device: ResumingClient, proxy: Proxy, size: int) -> int:
    """Commit this many bytes of events while the device is away; returns the last number."""
    async with _connected(device, proxy):
        pass
    last = 0
    while last * EVENT_BYTES < size:
        spins = await asyncio.gather(*(device.player.spin() for _ in range(20)))
        last = max(answer["events"][-1]["seq"] for answer in spins)
    return last


async def _until_dropped(http: httpx.AsyncClient) -> float:
    """Wait until the server has no connection; returns the seconds."""
    began = monotonic()
    async with asyncio.timeout(20):
        while await metric(http, "synchub_connections"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return monotonic() - began


async def test_an_idle_peer_that_is_gone_is_dropped(
    server: Process, http: httpx.AsyncClient
) -> None:
    """It is dropped within two and a half heartbeats; once the network works, the device
    resumes."""
    async with _behind_a_proxy(server, http) as (device, proxy):
        async with _connected(device, proxy) as connection:
            assert await metric(http, "synchub_connections") == 1
            connection.stall()
            assert HEARTBEAT_S / 2 < await _until_dropped(http) < DROPPED_WITHIN_S
            last = (await device.player.spin())["events"][-1]["seq"]
            proxy.heal()
            await device.until(last)
        assert device.close_codes[0] in CUT_OFF
        assert (device.cuts, device.fresh_starts) == (2, 0)


async def test_a_peer_that_is_gone_is_dropped_with_data_waiting(
    server: Process, http: httpx.AsyncClient
) -> None:
    """Buffered data does not delay that."""
    async with _behind_a_proxy(server, http) as (device, proxy):
        last = await _miss(device, proxy, 300_000)
        proxy.bytes_per_s = SLOW_BYTES_PER_S
        async with _connected(device, proxy) as connection:
            await device.until(10)
            connection.stall()
            assert await _until_dropped(http) < DROPPED_WITHIN_S
            assert device.view.seq < last
            proxy.heal()
            await device.until(last)
        assert device.close_codes[1] in CUT_OFF, "not for its missed heartbeat"
        assert device.fresh_starts == 0


@pytest.mark.parametrize("size", [60_000, 300_000], ids=["in the kernel", "in the server"])
async def test_a_slow_reader_is_not_dropped(
    server: Process, http: httpx.AsyncClient, size: int
) -> None:
    """Buffered data delays its pings, but it makes progress."""
    async with _behind_a_proxy(server, http) as (device, proxy):
        last = await _miss(device, proxy, size)
        proxy.bytes_per_s = SLOW_BYTES_PER_S
        async with _connected(device, proxy):
            await _read_for(device, http, READING_S)
            assert device.view.seq < last
            proxy.heal()
            await device.until(last)
            assert device.connections == 2, f"it was dropped: {device.close_codes}"


async def _read_for(device: ResumingClient, http: httpx.AsyncClient, seconds: float) -> None:
    """The device gets events every second and stays connected."""
    until = monotonic() + seconds
    while monotonic() < until:
        before = device.view.seq
        await asyncio.sleep(1)
        assert device.view.seq > before
        assert await metric(http, "synchub_connections") == 1, "it was dropped"


async def test_a_reader_that_takes_nothing_is_closed_and_can_resume(tmp_path: Path) -> None:
    """It is closed for lack of progress, before a heartbeat is missed."""
    async with (
        _server(tmp_path, SYNCHUB_REALTIME_HEARTBEAT_S="20") as server,
        http_client(server) as http,
        _behind_a_proxy(server, http) as (device, proxy),
    ):
        last = await _miss(device, proxy, 300_000)
        proxy.bytes_per_s = SLOW_BYTES_PER_S
        async with _connected(device, proxy) as connection:
            await device.until(10)
            connection.stall()
            assert STALL_S - TICK_S < await _until_dropped(http) < STALL_S + 2 * TICK_S + LATE_S
            proxy.heal()
            await device.until(last)
        assert device.close_codes[1] == 3008
        assert (device.connections, device.fresh_starts) == (3, 0)
