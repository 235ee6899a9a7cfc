"""UnitOfWork during an outage of the database: StorageUnavailable, and recovery after it."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from attrs import frozen

from adapters.outbound.sql import engines
from adapters.outbound.sql.postgres.postgres_unit_of_work import PostgresUnitOfWork
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import StorageUnavailable
from tests.support.servers import PostgresServer, postgres_server
from tests.support.storage import Storage, postgres_storage, sqlite_storage, sqlite_url


@frozen
class Fragile:
    """Storage, and a way to take its database away; `reads_fail` says whether reads then do."""

    storage: Storage
    outage: Callable[[], AbstractContextManager[None]]
    reads_fail: bool


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the write lock from another connection."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


@contextmanager
def stopped(server: PostgresServer) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


@pytest_asyncio.fixture(params=["sqlite-locked", "postgres-stopped"])
async def fragile(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Fragile]:
    if request.param == "sqlite-locked":
        monkeypatch.setattr(engines, "BUSY_TIMEOUT_S", 0.1)
        path = Path(str(sqlite_url(tmp_path).database))
        async with sqlite_storage(tmp_path) as storage:
            yield Fragile(storage, lambda: locked(path), reads_fail=False)
    else:
        with postgres_server() as server:
            async with postgres_storage(await server.new_database()) as storage:
                yield Fragile(storage, lambda: stopped(server), reads_fail=True)


def epoch(stores: Stores) -> str:
    return stores.journal.epoch()


async def test_an_outage_is_reported_and_ends(fragile: Fragile) -> None:
    """Work raises StorageUnavailable during the outage and succeeds after it."""
    storage = fragile.storage
    user_id = await storage.new_player(gold=5)
    with fragile.outage():
        with pytest.raises(StorageUnavailable):
            await storage.new_player()
        if fragile.reads_fail:
            with pytest.raises(StorageUnavailable):
                await storage.read(epoch)
        else:
            assert await storage.read(epoch)
    assert await storage.read(lambda stores: stores.players.get(user_id).gold) == 5
    assert await storage.new_player() > user_id


@pytest_asyncio.fixture
async def on_postgres(postgres: PostgresServer) -> AsyncIterator[Storage]:
    async with postgres_storage(await postgres.new_database()) as storage:
        yield storage


async def test_a_connection_that_breaks_within_work(
    on_postgres: Storage, postgres: PostgresServer
) -> None:
    """The work is rolled back, and the next piece of work gets a working connection."""
    end_all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'synchub%'"

    def work(stores: Stores) -> str:
        on_postgres.meanwhile(postgres.execute(end_all))
        return stores.journal.epoch()

    for run in (on_postgres.write, on_postgres.read):
        with pytest.raises(StorageUnavailable):
            await run(work)
        assert await run(epoch)


async def test_a_server_with_no_connection_to_spare(postgres: PostgresServer) -> None:
    """A refused connection raises StorageUnavailable."""
    await postgres.execute("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
    unit_of_work = PostgresUnitOfWork(postgres.url(user="crowded"))
    for run in (unit_of_work.write, unit_of_work.read):
        with pytest.raises(StorageUnavailable):
            await run(epoch)
    await unit_of_work.stop()
