"""Database connections, set up for how we use them."""

import sqlite3
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from adapters.outbound.sql.connections import SqliteConnection
from adapters.outbound.sql.statements import Statements

BUSY_TIMEOUT_S = 10


def sqlite_connection(url: URL) -> SqliteConnection:
    """For the stores; transactions are begun and ended by hand. One thread uses it at a time."""
    assert url.database is not None, "checked by parse_database_url"
    driver = sqlite3.connect(
        url.database, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    _set_up_sqlite(driver)
    return SqliteConnection(Statements(SQLiteDialect_pysqlite()), driver)


def sqlite_engine(url: URL) -> Engine:
    """For migrations: set up the same, but run by SQLAlchemy."""
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"timeout": BUSY_TIMEOUT_S},
    )
    event.listen(engine, "connect", lambda driver, _record: _set_up_sqlite(driver))
    return engine


def _set_up_sqlite(driver: Any) -> None:
    """Commits survive a power cut."""
    driver.execute("PRAGMA journal_mode=WAL")
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute("PRAGMA foreign_keys=ON")


def postgres_engine(url: URL) -> AsyncEngine:
    """For migrations; `postgres_pool` has the connections for the stores."""
    return create_async_engine(url, poolclass=NullPool, connect_args={"timeout": 5})


def parse_database_url(text: str) -> URL:
    """The URL with the driver that we use; ValueError says what is wrong with it."""
    try:
        url = make_url(text)
    except Exception as error:
        raise ValueError("is no database URL") from error
    backend = url.get_backend_name()
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("needs a file: sqlite:///path/to/file.db")
        return url.set(drivername="sqlite+pysqlite")
    if backend == "postgresql":
        return url.set(drivername="postgresql+asyncpg")
    raise ValueError("must begin with sqlite:// or postgresql://")
