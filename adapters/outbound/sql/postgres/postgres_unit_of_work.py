"""PostgreSQL unit of work: transactions through asyncpg.

- The stores are synchronous code. SQLAlchemy's greenlet bridge (`greenlet_spawn`, `await_only`)
  suspends them while they wait for the network, without blocking the event loop.
- Writes use READ COMMITTED with row locks: the player row and the head row are locked, so changes
  of one user are serialized, and READ COMMITTED sees the latest committed row after waiting for the
  lock. REPEATABLE READ would fail with a serialization error instead.
- Reads use one REPEATABLE READ, READ ONLY snapshot, so `initial_state` is the state at exactly its
  `seq`.
- Deadlocks and serialization errors roll back the whole transaction, so the work is run again, up
  to ATTEMPTS times.
"""

import logging
from typing import TypeVar

from asyncpg import DeadlockDetectedError, InvalidCachedStatementError, SerializationError
from sqlalchemy import URL
from sqlalchemy.util import greenlet_spawn

from adapters.outbound.sql.connections import PostgresConnection
from adapters.outbound.sql.failures import DriverError, translated
from adapters.outbound.sql.outage_log import OutageLog
from adapters.outbound.sql.postgres.postgres_pool import PostgresPool
from adapters.outbound.sql.statements import Statements
from adapters.outbound.sql.stores import SqlStores
from adapters.outbound.tls.tls_options import TlsOptions
from application.ports.storage.unit_of_work import UnitOfWork, Work

T = TypeVar("T")

logger = logging.getLogger("synchub.sql")

ATTEMPTS = 5
"""Limit of attempts if the work conflicts with other transactions."""

_CONFLICTS = (SerializationError, DeadlockDetectedError, InvalidCachedStatementError)
"""Errors after which work is run again. InvalidCachedStatementError: a migration changed a table
that a prepared statement uses."""

_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresUnitOfWork(UnitOfWork):
    """See the module docstring. One event loop uses it. Without `tls`, connections are not
    encrypted."""

    def __init__(self, url: URL, tls: TlsOptions | None = None, *, pool_size: int = 10) -> None:
        self._pool = PostgresPool(url, pool_size, tls)
        self._statements = Statements(url.get_dialect()())
        self._outages = OutageLog()

    async def start(self) -> None:
        """Do nothing: connections are opened on demand."""

    async def stop(self) -> None:
        """Close the pool."""
        await self._pool.close()

    async def write(self, work: Work[T]) -> T:
        return await self._run(_WRITE, work)

    async def read(self, work: Work[T]) -> T:
        return await self._run(_READ, work)

    async def _run(self, begin: str, work: Work[T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self._pool.transaction(begin) as driver:
                    stores = SqlStores(PostgresConnection(self._statements, driver))
                    result = await greenlet_spawn(work, stores)
            except DriverError as error:
                if attempt == ATTEMPTS or not isinstance(error, _CONFLICTS):
                    failure = translated(error)
                    self._outages.failed(failure)
                    raise failure from error
                conflict = {"attempt": attempt, "why": type(error).__name__}
                logger.debug("a transaction is retried", extra=conflict)
            else:
                self._outages.succeeded()
                return result
        raise AssertionError("the last attempt returns or raises")
