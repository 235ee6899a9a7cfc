"""Crash settlement on PostgreSQL: several nodes share the work, and a held lock delays nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from attrs import frozen
from sqlalchemy.util import await_only

from application.ports.storage.stores import Stores
from bootstrap.container import Container, build_container
from bootstrap.server.lifecycle import database_open
from bootstrap.settings.settings import Settings
from domain.games.crash import CrashRound, RoundStatus
from domain.player import Player
from tests.support.servers import PostgresServer
from tests.support.storage import add_account

USERS, ROUNDS = 30, 5


@frozen
class Nodes:
    """Two nodes on one database, and players with rounds that crashed long ago."""

    one: Container
    other: Container
    users: list[int]

    async def lost(self) -> int:
        """How many rounds are settled; AssertionError if an event was told twice or not at all."""

        def read(stores: Stores) -> int:
            total = 0
            for user_id in self.users:
                lost = [
                    stores.crash_rounds.get(user_id, f"{user_id}-{number}").status
                    for number in range(ROUNDS)
                ].count(RoundStatus.LOST)
                assert len(stores.journal.games_of(user_id, None, 100)) == lost
                total += lost
            return total

        settled: int = await self.one.unit_of_work().read(read)
        return settled


@pytest.fixture
async def nodes(postgres: PostgresServer) -> AsyncIterator[Nodes]:
    url = (await postgres.new_database()).render_as_string(hide_password=False)
    async with opened(url) as one, opened(url) as other:
        users = await one.unit_of_work().write(_add)
        yield Nodes(one, other, users)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Container]:
    container = build_container(Settings(database_url=url))
    async with database_open(container):
        await container.broadcaster().start(container.hub().receive)
        yield container
        await container.broadcaster().stop()


def _add(stores: Stores) -> list[int]:
    users = []
    for number in range(USERS):
        user_id = add_account(stores, f"player{number}")
        stores.players.add(Player(user_id=user_id, nickname="Nick"))
        for index in range(ROUNDS):
            stores.crash_rounds.add(
                user_id,
                CrashRound(
                    round_id=f"{user_id}-{index}", bet=1, crash_point=100, started_at=number
                ),
            )
        users.append(user_id)
    return users


async def test_nodes_share_the_work(nodes: Nodes) -> None:
    """Both settle at the same time; each round is settled and told once."""
    settled = await asyncio.gather(
        nodes.one.crash_settlement().execute(), nodes.other.crash_settlement().execute()
    )
    assert sum(settled) == USERS * ROUNDS == await nodes.lost()


async def test_a_held_lock_delays_nobody_else(nodes: Nodes) -> None:
    """The player whose row is held is settled by a run after the lock is gone."""
    held, free = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    unit_of_work = nodes.other.unit_of_work()

    def hold(stores: Stores) -> None:
        stores.players.lock(nodes.users[0])
        loop.call_soon(held.set)
        await_only(free.wait())

    holding = asyncio.create_task(unit_of_work.write(hold))
    await held.wait()
    assert await nodes.one.crash_settlement().execute() == (USERS - 1) * ROUNDS
    free.set()
    await holding
    assert await nodes.one.crash_settlement().execute() == ROUNDS
    assert await nodes.lost() == USERS * ROUNDS
