"""Database URLs, and connections with our settings."""

import sqlite3
import time
from ssl import SSLContext
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from adapters.outbound.sql.connections import SqliteConnection
from adapters.outbound.sql.statements import Statements
from adapters.outbound.tls.tls_options import TlsOptions

BUSY_TIMEOUT_S = 10
"""How long SQLite waits for the write lock of another process."""


def sqlite_connection(url: URL) -> SqliteConnection:
    """Open a connection for the stores, in autocommit mode: the unit of work sends BEGIN and COMMIT
    itself. One thread at a time may use it."""
    assert url.database is not None, "checked by parse_database_url"
    driver = sqlite3.connect(
        url.database, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    _set_up_sqlite(driver)
    return SqliteConnection(Statements(SQLiteDialect_pysqlite()), driver)


def sqlite_engine(url: URL) -> Engine:
    """An engine for migrations, with the same settings."""
    engine = create_engine(
        url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"timeout": BUSY_TIMEOUT_S},
    )
    event.listen(engine, "connect", lambda driver, _record: _set_up_sqlite(driver))
    return engine


def _set_up_sqlite(driver: Any) -> None:
    """WAL lets readers run during a write; `synchronous=FULL` makes commits survive a power cut."""
    _switch_to_wal(driver)
    driver.execute("PRAGMA synchronous=FULL")
    driver.execute("PRAGMA foreign_keys=ON")


def _switch_to_wal(driver: Any) -> None:
    """Retry while another process holds the write lock of a new file: the switch upgrades a read
    lock, and SQLite fails such an upgrade at once instead of applying its busy timeout."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            driver.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.01)


def postgres_engine(url: URL, tls: TlsOptions | None = None) -> AsyncEngine:
    """An engine for migrations. The stores use the connections of `postgres_pool`."""
    options = {"timeout": 5, "ssl": tls_argument(tls)}
    return create_async_engine(url, poolclass=NullPool, connect_args=options)


def tls_argument(tls: TlsOptions | None) -> SSLContext | bool:
    """The argument `ssl` of asyncpg. By default it tries TLS, verifies nothing, and falls back to
    plain text. Unix sockets are never encrypted."""
    return tls.context() if tls is not None else False


_IN_POSTGRES_URLS = {"host", "port", "target_session_attrs"}


def remote_hosts(url: URL) -> list[str]:
    """The hosts that a PostgreSQL URL names, without sockets on this machine."""
    named = url.query.get("host", ())
    hosts = [url.host or "", *([named] if isinstance(named, str) else named)]
    return [host.partition(":")[0] for host in hosts if host and not host.startswith("/")]


def parse_database_url(text: str) -> URL:
    """Parse a database URL and select our driver. ValueError explains an unsupported URL."""
    try:
        url = make_url(text)
    except Exception as error:
        raise ValueError("is not a database URL") from error
    backend = url.get_backend_name()
    if backend == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ValueError("needs a file: sqlite:///path/to/file.db")
        return url.set(drivername="sqlite+pysqlite")
    if backend == "postgresql":
        if refused := sorted(set(url.query) - _IN_POSTGRES_URLS):
            raise ValueError(f"takes no {', '.join(refused)}: TLS is set by SYNCHUB_POSTGRES_TLS")
        return url.set(drivername="postgresql+asyncpg")
    raise ValueError("must begin with sqlite:// or postgresql://")
