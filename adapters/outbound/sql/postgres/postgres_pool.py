"""PostgreSQL connection pool, and transactions on its connections.

Why not an existing pool: our transactions are BEGIN, a few statements, COMMIT. asyncpg's pool
adds a task and a round trip (a reset on release) per transaction; SQLAlchemy's adds three round
trips to check whether the connection still works. This pool adds none:

- No check on checkout. If the server closed an idle connection, BEGIN fails, which has no side
  effects. Then all idle connections are discarded, because a restart or failover closed them, too,
  and BEGIN is sent on a new connection. If that fails, the database is down: the error is raised.
- No reset on release. Our transactions leave no session state behind, and a connection is
  terminated unless its transaction has ended.
- Cancellation (the client hung up, a deadline passed) terminates the connection instead of waiting
  for a ROLLBACK; the server rolls back when the connection ends.
- At most `size` transactions run at once. Others wait up to WAIT_S for a free slot (back-pressure),
  then fail with TimeoutError, which becomes StorageUnavailable.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import URL

from adapters.outbound.sql.engines import tls_argument
from adapters.outbound.sql.failures import DriverError
from adapters.outbound.tls.tls_options import TlsOptions

logger = logging.getLogger("synchub.sql")

WAIT_S = 10
"""How long a transaction waits for a connection if all are in use."""

BEGIN_S = 5
"""Timeout of BEGIN, the first command on a connection."""

Connection: TypeAlias = Any
"""An asyncpg connection; asyncpg is untyped."""


class PostgresPool:
    """Up to `size` connections, opened on demand. The one used last is reused first."""

    def __init__(self, url: URL, size: int, tls: TlsOptions | None) -> None:
        self._url = url
        self._tls = tls
        self._slots = asyncio.Semaphore(size)
        self._idle: list[Connection] = []

    async def close(self) -> None:
        """Close the idle connections. Call it when no transaction is running."""
        while self._idle:
            with suppress(*DriverError):
                await self._idle.pop().close(timeout=5)

    @asynccontextmanager
    async def transaction(self, begin: str) -> AsyncIterator[Connection]:
        """A transaction that starts with the command `begin`; rolled back on an exception."""
        await self._acquire_slot()
        try:
            connection = await self._checkout(begin)
            try:
                yield connection
                await _commit(connection)
            except Exception:
                await _roll_back(connection)
                raise
            except BaseException:  # cancelled: do not wait for the server
                connection.terminate()
                raise
            finally:
                if not connection.is_closed():
                    self._idle.append(connection)
        finally:
            self._slots.release()

    def _discard_idle(self) -> None:
        while self._idle:
            self._idle.pop().terminate()

    async def _acquire_slot(self) -> None:
        try:
            async with asyncio.timeout(WAIT_S):
                await self._slots.acquire()
        except TimeoutError:
            raise TimeoutError("all connections are in use") from None

    async def _checkout(self, begin: str) -> Connection:
        """Begin on an idle connection; if that fails or there is none, on a new one."""
        if self._idle:
            connection = self._idle.pop()
            try:
                await _begin(connection, begin)
            except DriverError as error:
                logger.debug("idle connections lost", extra={"why": repr(error)})
                self._discard_idle()
            else:
                return connection
        connection = await connect(self._url, self._tls)
        await _begin(connection, begin)
        return connection


async def connect(url: URL, tls: TlsOptions | None) -> Connection:
    """Open a connection. The driver decodes JSON columns; statements encode them, as text."""
    _, arguments = url.get_dialect()().create_connect_args(url)
    connection = await asyncpg.connect(
        **arguments, ssl=tls_argument(tls), timeout=5, command_timeout=15
    )
    try:
        await connection.set_type_codec(
            "json", schema="pg_catalog", encoder=str, decoder=json.loads
        )
    except BaseException:
        connection.terminate()
        raise
    logger.debug("connected to PostgreSQL", extra={"host": url.host, "database": url.database})
    return connection


async def _begin(connection: Connection, begin: str) -> None:
    try:
        await connection.execute(begin, timeout=BEGIN_S)
    except BaseException:
        connection.terminate()
        raise


async def _commit(connection: Connection) -> None:
    """Commit. PostgreSQL answers ROLLBACK instead of COMMIT if an earlier statement failed, which
    means that the work swallowed an error."""
    if (answer := await connection.execute("COMMIT")) != "COMMIT":
        raise RuntimeError(f"work ignored a failed statement: {answer}")


async def _roll_back(connection: Connection) -> None:
    try:
        if connection.is_in_transaction():
            await connection.execute("ROLLBACK")
    except DriverError:
        connection.terminate()
