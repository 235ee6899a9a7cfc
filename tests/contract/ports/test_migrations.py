"""Migrations lead to the schema in `tables`, also when several nodes run them."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from attrs import frozen
from sqlalchemy import URL, Connection, inspect, select
from sqlalchemy.exc import DBAPIError

import adapters.outbound.sql.migrations as migrations_folder
from adapters.outbound.sql.engines import postgres_engine, sqlite_connection, sqlite_engine
from adapters.outbound.sql.migrate import migrate
from adapters.outbound.sql.tables import (
    crash_rounds,
    journal_identity,
    metadata,
    players,
    receipts,
    rewards,
)
from tests.support.servers import PostgresServer
from tests.support.storage import sqlite_url

T = TypeVar("T")
Run = Callable[[URL, Callable[[Connection], T]], Awaitable[T]]


@frozen
class Migrated:
    """`new_url` names an empty database; `run` calls something on a connection to one and
    commits."""

    new_url: Callable[[], Awaitable[URL]]
    run: Callable[[URL, Callable[[Connection], Any]], Awaitable[Any]]


async def run_on_sqlite(url: URL, work: Callable[[Connection], T]) -> T:
    engine = sqlite_engine(url)
    try:
        with engine.connect() as connection:
            return work(connection)
    finally:
        engine.dispose()


async def run_on_postgres(url: URL, work: Callable[[Connection], T]) -> T:
    engine = postgres_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Migrated:
    """Empty databases of one kind."""
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        return Migrated(server.new_database, run_on_postgres)

    async def new_file() -> URL:
        return sqlite_url(tmp_path_factory.mktemp("migrated") / "not" / "there" / "yet")

    return Migrated(new_file, run_on_sqlite)


def differences(connection: Connection) -> list[Any]:
    """Between the database and `tables`: columns, types, keys and indexes."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def epoch(connection: Connection) -> str:
    return str(connection.execute(select(journal_identity.c.epoch)).scalar_one())


def table_names(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def test_migrations_lead_to_the_tables(databases: Migrated) -> None:
    """The migrated schema does not differ from `tables`."""
    url = await databases.new_url()
    await migrate(url)
    assert await databases.run(url, differences) == []
    assert await databases.run(url, table_names) == {*metadata.tables, "alembic_version"}


async def test_a_difference_would_be_found(databases: Migrated) -> None:
    """The comparison above reports a missing index."""
    url = await databases.new_url()
    await migrate(url)

    def drop(connection: Connection) -> None:
        connection.exec_driver_sql("DROP INDEX ix_journal_mark")

    await databases.run(url, drop)
    assert len(await databases.run(url, differences)) == 1


async def test_migrating_again_changes_nothing(databases: Migrated) -> None:
    """A second run keeps the epoch and the schema."""
    url = await databases.new_url()
    await migrate(url)
    first = await databases.run(url, epoch)
    await migrate(url)
    assert await databases.run(url, epoch) == first
    assert await databases.run(url, differences) == []


async def test_every_database_has_an_epoch_of_its_own(databases: Migrated) -> None:
    """Two migrated databases have different epochs."""
    epochs = []
    for _ in range(2):
        url = await databases.new_url()
        await migrate(url)
        epochs.append(await databases.run(url, epoch))
    assert epochs[0] != epochs[1]


async def test_nodes_that_start_at_once_migrate_once(databases: Migrated) -> None:
    """No node fails, and there is one epoch."""
    url = await databases.new_url()
    await asyncio.gather(*(asyncio.to_thread(asyncio.run, migrate(url)) for _ in range(4)))
    assert await databases.run(url, differences) == []
    assert await databases.run(url, epoch)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET outcome = 'ok'",
        "DELETE FROM audit_log",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET number = 0",
        "UPDATE audit_head SET seal = 'x'",
    ],
)
async def test_the_audit_log_only_grows(databases: Migrated, statement: str) -> None:
    """Triggers refuse everything else, except that the head moves to the next entry."""
    url = await databases.new_url()
    await migrate(url)

    def grow(connection: Connection) -> None:
        connection.exec_driver_sql(
            "INSERT INTO audit_log VALUES (1, 1, '', '', '', '', '', '', '', 1, '', '')"
        )
        connection.exec_driver_sql("UPDATE audit_head SET number = 1, seal = 'x'")

    def tamper(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    await databases.run(url, grow)
    with pytest.raises(DBAPIError, match="the audit log only grows"):
        await databases.run(url, tamper)


async def test_opening_a_new_file_waits_for_its_writer(tmp_path: Path) -> None:
    """A process that opens a new SQLite file waits while another one writes to it."""
    url = sqlite_url(tmp_path)
    assert url.database is not None
    writer = sqlite3.connect(url.database, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    opening = asyncio.create_task(asyncio.to_thread(sqlite_connection, url))
    await asyncio.wait([opening], timeout=0.2)
    assert not opening.done()
    writer.execute("COMMIT")
    connection = await opening
    connection.driver.close()
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    writer.close()


async def test_the_way_back_leads_to_nothing(databases: Migrated) -> None:
    """A downgrade to base leaves no table, and the migrations can run again."""
    url = await databases.new_url()
    await migrate(url)
    first = await databases.run(url, epoch)
    await databases.run(url, downgrade)
    assert await databases.run(url, table_names) == {"alembic_version"}
    await migrate(url)
    assert await databases.run(url, differences) == []
    assert await databases.run(url, epoch) != first


OLD_PLAYER = """
INSERT INTO accounts (user_id, site_id, site_id_folded, password_hash, role, created_at)
VALUES (7, 'old', 'old', 'hash', 'player', 0);
INSERT INTO players (user_id, nickname, gold, exp, total_spent, gacha_pity, marathon_week,
    marathon_plays) VALUES (7, 'Old', 5, 6, 7, 8, '2026-W09', 9);
INSERT INTO crash_rounds (round_id, user_id, bet, crash_point, started_at, crashes_at, status, win)
VALUES ('r', 7, 1, 200, 0, 11553, 'open', 0)
"""


async def test_players_and_open_rounds_from_before_seeds_are_kept(databases: Migrated) -> None:
    """They have no seeds, which they get when they play, and the rounds have no nonce."""
    url = await databases.new_url()
    await migrate(url)
    await databases.run(url, partial(downgrade, target="0001"))

    def add(connection: Connection) -> None:
        for statement in OLD_PLAYER.split(";"):
            connection.exec_driver_sql(statement)

    await databases.run(url, add)
    await migrate(url)

    def kept(connection: Connection) -> tuple[Any, Any]:
        return (
            connection.execute(select(players)).one()._asdict(),
            connection.execute(select(crash_rounds.c.nonce)).scalar_one(),
        )

    player, nonce = await databases.run(url, kept)
    assert nonce is None
    assert player == {
        "user_id": 7,
        "nickname": "Old",
        "gold": 5,
        "exp": 6,
        "total_spent": 7,
        "gacha_pity": 8,
        "marathon_week": "2026-W09",
        "marathon_plays": 9,
        "marathon_wagered": 0,
        "server_salt": "",
        "next_server_salt": "",
        "client_seed": "",
        "nonce": 0,
    }


BOUGHT_AND_GRANTED = """
INSERT INTO accounts (user_id, site_id, site_id_folded, password_hash, role, created_at)
VALUES (7, 'a', 'a', 'hash', 'player', 0), (8, 'b', 'b', 'hash', 'player', 0);
INSERT INTO receipts (receipt_code, user_id, product_id, quantity, amount, created_at)
VALUES ('late', 7, 'chest', 1, 1, 30), ('early', 7, 'chest', 1, 1, 10),
    ('other', 8, 'chest', 1, 1, 20), ('middle', 7, 'chest', 1, 1, 20);
INSERT INTO rewards (reward_id, user_id, reward_type, reward_data, source, granted_at)
VALUES (3, 7, 'gold', '{"amount": 1}', 'level_up', 0)
"""


async def test_purchases_from_before_are_numbered_by_their_time(databases: Migrated) -> None:
    """Of each user from 1; rewards from before have no event."""
    url = await databases.new_url()
    await migrate(url)
    await databases.run(url, partial(downgrade, target="0005"))

    def add(connection: Connection) -> None:
        for statement in BOUGHT_AND_GRANTED.split(";"):
            connection.exec_driver_sql(statement)

    await databases.run(url, add)
    await migrate(url)

    def kept(connection: Connection) -> Any:
        numbers = select(receipts.c.receipt_code, receipts.c.number)
        event_id = connection.execute(select(rewards.c.event_id)).scalar_one()
        return {row.receipt_code: row.number for row in connection.execute(numbers)}, event_id

    numbers, event_id = await databases.run(url, kept)
    assert numbers == {"early": 1, "middle": 2, "late": 3, "other": 1}
    assert event_id is None


def downgrade(connection: Connection, target: str = "base") -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations_folder.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.downgrade(config, target)
