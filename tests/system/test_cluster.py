"""Three nodes on PostgreSQL and a broker: the promises of one node, whatever breaks.

Every player has a device at each node and plays through any of them. Brokers die, hang and forget;
nodes die; PostgreSQL restarts. No process is restarted for it, but the one that was killed.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic

import httpx
import pytest
from attrs import define, field

from tests.support.brokers import BROKERS, Broker
from tests.support.client import Client, sign_up
from tests.support.database import PostgresDatabase
from tests.support.node_processes import NodeProcesses, node_processes
from tests.support.playing import check_books, check_devices, random_action
from tests.support.presence_watcher import PresenceWatcher
from tests.support.resuming_client import ResumingClient, staying_connected
from tests.support.scale import LONG, SEED, scale
from tests.support.servers import PostgresServer, postgres_server

NODES = 3
USERS, SECONDS = scale("CLUSTER_USERS", 9), scale("CLUSTER_SECONDS", 1)
LONERS = 3
"""Players with one device only, at the node that is going to be killed."""
ACTIONS_PER_S = 60
PAUSE_S = scale("CLUSTER_PAUSE_S", 2)
DOOMED = NODES - 1

CHECK_INTERVAL_S, LEASE_S, GRACE_S = 0.5, 3.0, 1.0
ENVIRONMENT = {
    "SYNCHUB_REALTIME_CHECK_INTERVAL_S": str(CHECK_INTERVAL_S),
    "SYNCHUB_REALTIME_LEASE_S": str(LEASE_S),
    "SYNCHUB_REALTIME_PRESENCE_GRACE_S": str(GRACE_S),
    "SYNCHUB_REALTIME_DRAIN_S": "1",
}


@define(eq=False)
class Scene:
    """A cluster at work, and its players."""

    random: Random
    broker: Broker
    postgres: PostgresServer
    nodes: NodeProcesses
    database: PostgresDatabase
    players: list[Client] = field(factory=list)
    devices: list[ResumingClient] = field(factory=list)
    watchers: list[PresenceWatcher] = field(factory=list)
    answers: dict[str, int] = field(factory=dict)
    """How requests ended, by status or kind of failure."""

    @property
    def users(self) -> set[int]:
        return {player.user_id for player in self.players}

    @property
    def loners(self) -> set[int]:
        return {player.user_id for player in self.players[USERS:]}

    async def sign_everybody_up(self) -> None:
        urls = [node.ws_url for node in self.nodes.nodes]
        for number in range(USERS + LONERS):
            home = number % NODES
            player = await sign_up(self.nodes.https[home], self.nodes.nodes[home])
            self.players.append(player)
            if number >= USERS:
                self.devices.append(ResumingClient(player, urls[DOOMED], self.random))
                continue
            for index in range(NODES):
                others = urls[index + 1 :] + urls[:index]
                client = ResumingClient(player, urls[index], self.random, others=others)
                self.devices.append(client)

    async def play(self, until: Callable[[], Awaitable[object]]) -> None:
        """Let all players play until this coroutine has ended."""
        load = [asyncio.create_task(self._keep_playing(player)) for player in self.players]
        try:
            await until()
        finally:
            for task in load:
                task.cancel()
            await asyncio.gather(*load, return_exceptions=True)
        for task in load:
            if not task.cancelled() and (error := task.exception()):
                raise error

    async def _keep_playing(self, player: Client) -> None:
        while True:
            node = self.random.randrange(NODES)
            # A request under way is finished even when the play is over: its events count.
            outcome = await asyncio.shield(self._act(player, node))
            self.answers[outcome] = self.answers.get(outcome, 0) + 1
            await asyncio.sleep(self.random.uniform(0, 2 * len(self.players) / ACTIONS_PER_S))

    async def _act(self, player: Client, node: int) -> str:
        """Every request succeeds or is refused, except at a node that is dead."""
        try:
            action = random_action(self.random, settled=True)
            response = await self.nodes.at(node, player).call(*action)
        except httpx.TransportError:
            assert node == DOOMED
            return "no answer"
        assert response.status_code in (200, 409, 503), response.text
        return str(response.status_code)

    async def caught_up(self) -> float:
        """Wait until every device has all committed events; returns the seconds."""
        began = monotonic()
        rows = await self.database.rows("SELECT user_id, seq FROM heads")
        heads: dict[int, int] = {row[0]: row[1] for row in rows}
        for device in self.devices:
            await device.until(heads[device.player.user_id])
        return monotonic() - began

    async def presence_shows(self, users: set[int]) -> float:
        """Wait until the watchers at living nodes show these users; returns the seconds."""
        began = monotonic()
        for index, watcher in enumerate(self.watchers):
            if self.nodes.nodes[index].process.returncode is None:
                await watcher.until(users)
        return monotonic() - began


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server that these tests may restart."""
    with postgres_server() as server:
        yield server


@asynccontextmanager
async def at_work(folder: Path, postgres: PostgresServer, broker: Broker) -> AsyncIterator[Scene]:
    """A running cluster with connected devices and watchers."""
    url = (await postgres.new_database()).set(drivername="postgresql")
    dsn = url.render_as_string(hide_password=False)
    environment = {**ENVIRONMENT, **broker.environment, "SYNCHUB_DATABASE_URL": dsn}
    async with node_processes(folder, NODES, **environment) as nodes, AsyncExitStack() as stack:
        scene = Scene(Random(SEED), broker, postgres, nodes, PostgresDatabase(dsn))
        await scene.sign_everybody_up()
        operator = await nodes.operator()
        scene.watchers = [PresenceWatcher(operator, node.ws_url) for node in nodes.nodes]
        await stack.enter_async_context(staying_connected(scene.devices))
        watching = [asyncio.create_task(watcher.run()) for watcher in scene.watchers]
        stack.callback(lambda: [task.cancel() for task in watching])
        await scene.presence_shows(scene.users)
        yield scene


@pytest.mark.timeout(LONG)
@pytest.mark.parametrize("broker", BROKERS)
async def test_every_device_has_its_users_journal(
    tmp_path: Path, postgres: PostgresServer, broker: str
) -> None:
    """After each fault, every device has all events of its user, once and in order."""
    with BROKERS[broker]() as running:
        async with at_work(tmp_path, postgres, running) as scene:
            await scene.play(lambda: asyncio.sleep(SECONDS))
            print(f"\n{broker}: {USERS} users with {NODES} devices each, {LONERS} with one")
            await _settle(scene, "nothing broken")
            for name, fault in FAULTS.items():
                await scene.play(partial(fault, scene))
                await _settle(scene, name)
            events = await check_devices(scene.devices, scene.database)
            await check_books(scene.database)
    deliveries = sum(device.deliveries for device in scene.devices)
    answers = ", ".join(f"{how} {count}" for how, count in sorted(scene.answers.items()))
    print(
        f"  {events} events, {deliveries} deliveries, answers: {answers}; "
        f"{sum(device.duplicates for device in scene.devices)} duplicates on the wire, 0 losses"
    )


async def _settle(scene: Scene, name: str) -> None:
    caught_up = await scene.caught_up()
    presence = await scene.presence_shows(scene.users)
    print(
        f"  {name}: all caught up after {caught_up:.2f} s (check interval {CHECK_INTERVAL_S} s), "
        f"presence right after {caught_up + presence:.2f} s (lease {LEASE_S} s)"
    )


async def _broker_is_killed(scene: Scene) -> None:
    scene.broker.controls.kill()
    await asyncio.sleep(SECONDS)
    scene.broker.controls.start()


async def _broker_hangs(scene: Scene) -> None:
    scene.broker.controls.pause()
    try:
        await asyncio.sleep(PAUSE_S)
    finally:
        scene.broker.controls.resume()


async def _broker_forgets(scene: Scene) -> None:
    await scene.broker.forget()
    await asyncio.sleep(SECONDS)


async def _node_is_killed(scene: Scene) -> None:
    """The users with devices only there leave within a lease and join again after the restart."""
    await scene.nodes.kill(DOOMED)
    took = await scene.presence_shows(scene.users - scene.loners)
    print(f"  a node killed: its users have left after {took:.2f} s (lease {LEASE_S} s)")
    await scene.nodes.start_again(DOOMED)


async def _postgres_restarts(scene: Scene) -> None:
    await asyncio.to_thread(scene.postgres.stop)
    await asyncio.sleep(SECONDS)
    await asyncio.to_thread(scene.postgres.start)


FAULTS: dict[str, Callable[[Scene], Awaitable[None]]] = {
    "broker killed and started again": _broker_is_killed,
    "broker paused": _broker_hangs,
    "broker flushed": _broker_forgets,
    "node killed and started again": _node_is_killed,
    "PostgreSQL restarted": _postgres_restarts,
}
