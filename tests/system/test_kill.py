"""`kill -9` under load at random moments: what was committed is kept and delivered."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from random import Random
from uuid import uuid4

import httpx
import pytest
from attrs import define, field

from tests.support.client import Client, http_client, sign_up
from tests.support.database import AsLeft, SqliteFile
from tests.support.node import free_port
from tests.support.playing import (
    Action,
    check_books,
    check_devices,
    journals,
    play,
    random_action,
)
from tests.support.process import Process, serving
from tests.support.resuming_client import ResumingClient, staying_connected
from tests.support.scale import LONG, SEED, scale

ROUNDS, USERS, DEVICES = scale("ROUNDS", 2), scale("KILL_USERS", 10), 2


@define
class Scene:
    """What the players know of the server."""

    random: Random
    running: asyncio.Event = field(factory=asyncio.Event)
    over: bool = False
    kept: set[str] = field(factory=set)
    """Ids of the events in the journals after the last crash."""
    answers: int = 0


@define
class Request:
    """A request to be made once; `ids` are the events of its answer."""

    action: Action
    key: str = field(factory=lambda: str(uuid4()))
    ids: list[str] | None = None


@define
class Stubborn:
    """A player who repeats every request, with its key, until it is answered."""

    player: Client
    answered: list[str] = field(factory=list)
    """The ids of all events that answers named."""
    lost: int = 0
    """Requests that a crash left without an answer."""
    lost_but_committed: int = 0
    repeated: int = 0
    """Requests answered before a crash and asked again after it."""

    async def play(self, scene: Scene) -> None:
        """Make requests until the test is over and the last request is answered."""
        before: Request | None = None
        while not scene.over:
            request, lost = Request(random_action(scene.random, settled=True)), False
            while (ids := await self._attempt(scene, request)) is None:
                lost = True
                await self._repeat(scene, before)
            if lost:  # at the latest now the server runs again
                await self._repeat(scene, before)
            self.answered += ids
            self.lost += lost
            self.lost_but_committed += lost and bool(ids) and scene.kept.issuperset(ids)
            before = request

    async def _repeat(self, scene: Scene, request: Request | None) -> None:
        """A request answered before gets the same answer again."""
        if request is not None and request.ids:
            again = await self._attempt(scene, Request(request.action, request.key))
            assert again in (None, request.ids)
            self.repeated += again is not None

    async def _attempt(self, scene: Scene, request: Request) -> list[str] | None:
        """The ids of its events, or None if the server was killed meanwhile."""
        await scene.running.wait()
        try:
            answer = await play(self.player, request.action, key=request.key)
        except httpx.TransportError:
            return None
        scene.answers += 1
        request.ids = [event["id"] for event in answer.json().get("events", [])]
        return request.ids


@pytest.mark.timeout(LONG)
async def test_nothing_committed_is_lost_by_kill_9(tmp_path: Path) -> None:
    """The server is killed and restarted several times under load, on the same database and
    port."""
    scene, database = Scene(Random(SEED)), SqliteFile(tmp_path / "data" / "synchub.db")
    port = str(free_port())
    async with serving(tmp_path, SYNCHUB_PORT=port) as first, http_client(first) as http:
        players = [Stubborn(await sign_up(http, first)) for _ in range(USERS)]
        devices = [
            ResumingClient(stubborn.player, first.ws_url, scene.random)
            for stubborn in players
            for _ in range(DEVICES)
        ]
        async with staying_connected(devices), asyncio.TaskGroup() as group:
            load = [group.create_task(stubborn.play(scene)) for stubborn in players]
            await _kill_under_load(first, scene, database)
            for _ in range(ROUNDS - 1):
                async with serving(tmp_path, SYNCHUB_PORT=port) as server:
                    await _kill_under_load(server, scene, database)
            async with serving(tmp_path, SYNCHUB_PORT=port):
                scene.running.set()
                scene.over = True
                await asyncio.gather(*load)
                await check_devices(devices, database)
    await check_books(database)
    await _check_answers(players, database)
    _report(players, devices)


async def _kill_under_load(server: Process, scene: Scene, database: SqliteFile) -> None:
    enough = scene.answers + 2 * USERS
    scene.running.set()
    await asyncio.sleep(scene.random.uniform(0.1, 0.7))
    while scene.answers < enough:  # noqa: ASYNC110 (a slow machine)
        await asyncio.sleep(0.01)
    await server.kill()
    scene.running.clear()
    left = (await journals(AsLeft(database))).values()
    scene.kept = {event["id"] for journal in left for event in journal}


async def _check_answers(players: Sequence[Stubborn], database: SqliteFile) -> None:
    """The journal has all events of the answers and no others, so no request happened twice.

    A repeated purchase adds only an `idempotent_reuse` event.
    """
    found = await journals(database)
    for stubborn in players:
        journal = found[stubborn.player.user_id]
        ids = [e["id"] for e in journal if e["data"].get("status") != "idempotent_reuse"]
        assert ids == stubborn.answered
    assert sum(stubborn.lost for stubborn in players) > 0
    assert sum(stubborn.repeated for stubborn in players) > 0


def _report(players: Sequence[Stubborn], devices: Sequence[ResumingClient]) -> None:
    events = sum(len(stubborn.answered) for stubborn in players)
    print(
        f"\nkill -9, seed {SEED}: {ROUNDS} rounds, {events} events, {len(devices)} devices, "
        f"{sum(device.cuts for device in devices)} cuts, "
        f"{sum(stubborn.lost for stubborn in players)} requests without an answer, "
        f"{sum(stubborn.lost_but_committed for stubborn in players)} of them committed, "
        f"{sum(stubborn.repeated for stubborn in players)} old ones repeated, "
        f"{sum(device.duplicates for device in devices)} duplicates on the wire, 0 losses"
    )
