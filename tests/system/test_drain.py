"""SIGTERM: clients are told to reconnect and resume at the next process."""

import asyncio
import resource
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import monotonic

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.support.client import SYNC, TRUST, Client, http_client, sign_up
from tests.support.database import SqliteFile
from tests.support.eventually import eventually
from tests.support.node import free_port
from tests.support.playing import check_books, check_devices, play, random_action
from tests.support.process import Process, serving
from tests.support.proxy import proxying
from tests.support.resuming_client import ResumingClient, staying_connected
from tests.support.scale import LONG, SEED, scale

CLIENTS = scale("CLIENTS", 100)
USERS = max(10, CLIENTS // 20)
DRAIN_S = 6 + CLIENTS / 400
"""A quarter of it, the pause between two groups of clients, is for observing the drain."""
SPARE_S = 5
ABNORMAL = 1006
UNREAD_SPINS = 300
"""Their events are more than the system takes for a socket."""
GIVEN_UP = "timeout graceful shutdown exceeded"
"""uvicorn logs it when it has waited long enough for connections to close."""
ENVIRONMENT = {"SYNCHUB_REALTIME_DRAIN_S": str(DRAIN_S)}


@pytest.mark.timeout(LONG)
async def test_clients_of_a_stopping_process_go_on_at_the_next(tmp_path: Path) -> None:
    """All clients are told when to reconnect, at spread times, and miss nothing."""
    _allow_open_files(CLIENTS + 1000)
    random, database = Random(SEED), SqliteFile(tmp_path / "data" / "synchub.db")
    environment = {**ENVIRONMENT, "SYNCHUB_PORT": str(free_port())}
    async with serving(tmp_path, **environment) as first, http_client(first) as http:
        players = [await sign_up(http, first) for _ in range(USERS)]
        devices = [
            ResumingClient(players[number % USERS], first.ws_url, random)
            for number in range(CLIENTS)
        ]
        async with staying_connected(devices), asyncio.TaskGroup() as group:
            load = [group.create_task(_play_until_it_ends(player, random)) for player in players]
            drain = await _drain(first, players[0])
            played = sum(await asyncio.gather(*load))
            await eventually(lambda: _all_closed(devices))
            _check_farewells(devices)
            async with serving(tmp_path, **environment):
                events = await check_devices(devices, database)
    await check_books(database)
    delays = [device.reconnect_delays_ms[0] for device in devices]
    print(
        f"\ndrain of {CLIENTS} clients: {drain} within {DRAIN_S:.1f} s, told to reconnect after "
        f"{min(delays)} to {max(delays)} ms, {played} requests meanwhile, {events} events, "
        f"0 fresh starts, 0 losses"
    )


async def _play_until_it_ends(player: Client, random: Random) -> int:
    """Play until the server is gone; returns the number of answered requests."""
    answered = 0
    while True:
        try:
            await play(player, random_action(random))
        except httpx.TransportError:
            return answered
        answered += 1
        await asyncio.sleep(random.uniform(0, 2 * USERS / 50))


async def _drain(server: Process, player: Client) -> str:
    """SIGTERM, and what the server says of itself until it has ended."""
    readiness, sockets = [], []
    async with _new_connections(server) as http:
        began = monotonic()
        server.process.terminate()
        while server.process.returncode is None:
            readiness.append(await _readiness(http))
            sockets.append(await _new_socket(server, player))
    took = monotonic() - began
    assert server.process.returncode == 0, server.output
    assert took < DRAIN_S + SPARE_S
    first = readiness.index("503 draining")
    assert set(readiness[first:]) <= {"503 draining", "refused"}
    assert set(sockets[first:]) <= {"closed with 3001", "refused"}
    assert "closed with 3001" in sockets
    return f"{took:.1f} s ({dict(Counter(readiness))}, new sockets {dict(Counter(sockets))})"


def _new_connections(server: Process) -> httpx.AsyncClient:
    """A client that makes one for each request. It takes a while to make a client."""
    no_idle = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(base_url=server.url, timeout=5, limits=no_idle, verify=TRUST)


async def _readiness(http: httpx.AsyncClient) -> str:
    try:
        answer = await http.get("/health/ready")
    except httpx.TransportError:
        return "refused"
    return f"{answer.status_code} {answer.json()['status']}"


async def _new_socket(server: Process, player: Client) -> str:
    url = f"{server.ws_url}{SYNC}?token={player.access_token}"
    try:
        async with connect(
            url,
            subprotocols=[Subprotocol("synchub.v1")],  # so that it sees the close code
            proxy=None,
            compression=None,
            open_timeout=5,
        ) as socket:
            await asyncio.wait_for(socket.wait_closed(), DRAIN_S)
    except (OSError, WebSocketException):
        return "refused"
    return "refused" if socket.close_code == ABNORMAL else f"closed with {socket.close_code}"


async def _all_closed(devices: Sequence[ResumingClient]) -> bool:
    return all(device.close_codes for device in devices)


def _check_farewells(devices: Sequence[ResumingClient]) -> None:
    """Every device got a delay within the window, and the delays are spread."""
    delays = [device.reconnect_delays_ms[0] for device in devices]
    assert all(0 <= after_ms <= DRAIN_S * 1000 for after_ms in delays)
    assert max(delays) - min(delays) > DRAIN_S * 500
    assert len(set(delays)) > len(delays) / 2
    assert {device.close_codes[0] for device in devices} == {3001}


async def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    """The server ends although it is still waiting for a client."""
    environment = {"SYNCHUB_REALTIME_DRAIN_S": "60"}
    async with serving(tmp_path, **environment) as server, http_client(server) as http:
        player = await sign_up(http, server)
        async with _deaf_device(server, player), _new_connections(server) as new:
            server.process.terminate()
            while await _readiness(new) != "refused":
                pass
            server.process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(server.process.wait(), SPARE_S) == 0
        assert GIVEN_UP not in server.output, "it waited all the same"


async def test_without_clients_it_ends_quickly(tmp_path: Path) -> None:
    """Without clients the server does not wait for the end of the drain window."""
    async with serving(tmp_path, SYNCHUB_REALTIME_DRAIN_S="60") as server:
        server.process.terminate()
        assert await asyncio.wait_for(server.process.wait(), SPARE_S) == 0


@asynccontextmanager
async def _deaf_device(server: Process, player: Client) -> AsyncIterator[None]:
    """A device that is connected and then reads nothing, not even a close; much waits for it."""
    async with proxying(server.port) as proxy:
        url = f"{proxy.ws_url}{SYNC}?token={player.access_token}"
        async with connect(url, proxy=None, compression=None, close_timeout=0) as socket:
            await socket.recv()
            proxy.connections[0].stall()
            for _ in range(UNREAD_SPINS // 20):
                await asyncio.gather(*(player.spin() for _ in range(20)))
            yield


def _allow_open_files(number: int) -> None:
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * number, hard_limit), hard_limit))
