"""Migrations: upgrade a database to the current schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, text

from adapters.outbound.sql.engines import postgres_engine, sqlite_engine
from adapters.outbound.sql.failures import DriverError, translated
from adapters.outbound.tls.tls_options import TlsOptions

_LOCK = 0x53594E43
"""Id of the PostgreSQL advisory lock that lets one node at a time migrate. Arbitrary."""


async def migrate(url: URL, tls: TlsOptions | None = None) -> None:
    """Apply the missing migrations, in one transaction. Safe to call from several nodes at once.
    StorageUnavailable if the database cannot be used."""
    if url.get_backend_name() == "sqlite":
        _migrate_sqlite(url)
        return
    try:
        engine = postgres_engine(url, tls)
    except OSError as error:
        raise translated(error) from error
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await connection.run_sync(upgrade)
    except DriverError as error:
        raise translated(error) from error
    finally:
        await engine.dispose()


def _migrate_sqlite(url: URL) -> None:
    assert url.database is not None, "checked by parse_database_url"
    Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sqlite_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        upgrade(connection)
        connection.exec_driver_sql("COMMIT")
    engine.dispose()


def upgrade(connection: Connection) -> None:
    """Apply the missing migrations within the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
