"""Database connections, set up for how we use them."""

from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

BUSY_TIMEOUT_S = 10


def sqlite_engine(url: URL) -> Engine:
    """Transactions are begun and ended by hand; commits survive a power cut (synchronous=FULL).

    Each `connect` opens the file anew, so that every thread keeps a connection of its own.
    """
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine


def postgres_engine(url: URL, pool_size: int) -> AsyncEngine:
    """Connections that were cut while idle are replaced before use."""
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"timeout": 5, "command_timeout": 15},
    )


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
