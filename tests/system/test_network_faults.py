"""Connections are cut, stalled and throttled, and no event is lost."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from tests.support.client import Client, http_client, sign_up
from tests.support.database import SqliteFile
from tests.support.playing import check_books, check_devices, play, random_action
from tests.support.process import serving
from tests.support.proxy import Proxy, proxying
from tests.support.resuming_client import ResumingClient, staying_connected
from tests.support.scale import LONG, SEED, scale

USERS, SECONDS = scale("USERS", 20), scale("SECONDS", 6)
FAULTS_PER_USER_AND_S, ACTIONS_PER_S = 0.5, 100
ENVIRONMENT = {
    "SYNCHUB_REALTIME_HEARTBEAT_S": "1",
    "SYNCHUB_REALTIME_STALL_S": "2",
    "SYNCHUB_REALTIME_BUFFER_BYTES": "16384",
}


@pytest.mark.timeout(LONG)
async def test_nothing_is_lost_whatever_the_network_does(tmp_path: Path) -> None:
    """Users play while their sockets break; at the end each device has its user's journal."""
    random = Random(SEED)
    database = SqliteFile(tmp_path / "data" / "synchub.db")
    async with (
        serving(tmp_path, **ENVIRONMENT) as server,
        http_client(server) as http,
        proxying(server.port) as proxy,
    ):
        players = [await sign_up(http, server) for _ in range(USERS)]
        devices = [ResumingClient(p, proxy.ws_url, random, heartbeat_s=1) for p in players]
        async with staying_connected(devices):
            await _play_in_trouble(players, proxy, random)
            events = await check_devices(devices, database)
    await check_books(database)
    cuts = sum(device.cuts for device in devices)
    assert cuts > USERS
    print(
        f"\nnetwork faults, seed {SEED}: {USERS} users, {events} events, "
        f"{sum(device.deliveries for device in devices)} deliveries, {cuts} cuts, "
        f"{sum(device.duplicates for device in devices)} duplicates on the wire, 0 losses"
    )


async def _play_in_trouble(players: Sequence[Client], proxy: Proxy, random: Random) -> None:
    """Play with network faults for the time of the test, then heal the network."""

    async def playing(player: Client) -> None:
        while True:
            await play(player, random_action(random))
            await asyncio.sleep(random.uniform(0, 2 * len(players) / ACTIONS_PER_S))

    async def breaking() -> None:
        while True:
            await asyncio.sleep(random.expovariate(FAULTS_PER_USER_AND_S * len(players)))
            proxy.strike(random)

    tasks = [asyncio.create_task(playing(player)) for player in players]
    tasks.append(asyncio.create_task(breaking()))
    ended, _ = await asyncio.wait(tasks, timeout=SECONDS, return_when=asyncio.FIRST_EXCEPTION)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for task in ended:
        task.result()
    proxy.heal()
