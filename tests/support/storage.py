"""A database behind a UnitOfWork, with what contract tests need besides the port."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen
from sqlalchemy import URL, Executable
from sqlalchemy.util import await_only

from adapters.outbound.sql.migrate import migrate
from adapters.outbound.sql.postgres.postgres_unit_of_work import PostgresUnitOfWork
from adapters.outbound.sql.sqlite.sqlite_unit_of_work import SqliteUnitOfWork
from adapters.outbound.sql.statements import Rows
from adapters.outbound.sql.stores import SqlStores
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import Work
from domain.account import Role
from domain.player import Player
from tests.support.direct_unit_of_work import DirectUnitOfWork

T = TypeVar("T")

NOW = datetime(2026, 3, 1, 12, 30, 15, 678_000, tzinfo=UTC)
"""Some moment, in whole milliseconds."""

_names = itertools.count(1)


@frozen(kw_only=True)
class Storage:
    """A UnitOfWork on a database of its own.

    `overlaps`: something else can happen during a transaction, by `meanwhile`, and with
    `concurrent_writers` also another write. With
    `answers_in_order`, writes of one user return in the order of their commits.
    """

    unit_of_work: DirectUnitOfWork | SqliteUnitOfWork | PostgresUnitOfWork
    _meanwhile: Callable[[Coroutine[Any, Any, Any]], Any] | None = None
    answers_in_order: bool = True
    concurrent_writers: bool = False

    @property
    def overlaps(self) -> bool:
        return self._meanwhile is not None

    def meanwhile(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Within a piece of work: run a coroutine to its end before the work goes on."""
        assert self._meanwhile is not None
        result: T = self._meanwhile(coroutine)
        return result

    async def write(self, work: Work[T]) -> T:
        return await self.unit_of_work.write(work)

    async def read(self, work: Work[T]) -> T:
        return await self.unit_of_work.read(work)

    async def rows(self, statement: Executable) -> Rows:
        """Straight from the tables, for what no store reads back."""

        def work(stores: Stores) -> Rows:
            assert isinstance(stores, SqlStores)
            return stores._connection.execute(statement)

        return await self.read(work)

    async def new_account(self) -> int:
        name = f"account{next(_names)}"
        return await self.write(lambda stores: add_account(stores, name))

    async def new_player(self, gold: int = 0) -> int:
        """The user id of an account with a player."""

        def work(stores: Stores) -> int:
            user_id = add_account(stores, f"player{next(_names)}")
            stores.players.add(Player(user_id=user_id, nickname="Nick", gold=gold))
            return user_id

        return await self.write(work)


def add_account(stores: Stores, site_id: str) -> int:
    return stores.accounts.add(
        site_id=site_id,
        password_hash="hash",
        role=Role.PLAYER,
        invite_code=None,
        phone_number=None,
        created_at=NOW,
    )


@asynccontextmanager
async def direct_storage() -> AsyncIterator[Storage]:
    unit_of_work = DirectUnitOfWork()
    await unit_of_work.start()
    yield Storage(unit_of_work=unit_of_work)
    await unit_of_work.stop()


@asynccontextmanager
async def sqlite_storage(folder: Path) -> AsyncIterator[Storage]:
    """On a file; work runs on threads."""
    url = sqlite_url(folder)
    await migrate(url)
    loop = asyncio.get_running_loop()

    def meanwhile(coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(10)

    unit_of_work = SqliteUnitOfWork(url)
    await unit_of_work.start()
    try:
        yield Storage(unit_of_work=unit_of_work, meanwhile=meanwhile)
    finally:
        await unit_of_work.stop()


def sqlite_url(folder: Path) -> URL:
    return URL.create("sqlite+pysqlite", database=str(folder / "synchub.db"))


@asynccontextmanager
async def postgres_storage(url: URL) -> AsyncIterator[Storage]:
    """On an empty database; work runs in greenlets of the event loop."""
    await migrate(url)

    def meanwhile(coroutine: Awaitable[T]) -> T:
        return await_only(asyncio.wait_for(coroutine, 10))

    unit_of_work = PostgresUnitOfWork(url)
    await unit_of_work.start()
    try:
        yield Storage(
            unit_of_work=unit_of_work,
            meanwhile=meanwhile,
            answers_in_order=False,
            concurrent_writers=True,
        )
    finally:
        await unit_of_work.stop()
