"""Transactions on PostgreSQL, through asyncpg.

The stores are plain code; SQLAlchemy's greenlet bridge lets them wait for the network without
holding up the event loop.
"""

from typing import TypeVar

from asyncpg import DeadlockDetectedError, InvalidCachedStatementError, SerializationError
from sqlalchemy import URL
from sqlalchemy.util import greenlet_spawn

from adapters.outbound.sql.connections import PostgresConnection
from adapters.outbound.sql.failures import DriverError, translated
from adapters.outbound.sql.outage_log import OutageLog
from adapters.outbound.sql.postgres_pool import PostgresPool
from adapters.outbound.sql.statements import Statements
from adapters.outbound.sql.stores import SqlStores
from application.ports.storage.unit_of_work import UnitOfWork, Work

T = TypeVar("T")

ATTEMPTS = 5
"""How often work is done at most when others get in its way."""

_IN_THE_WAY = (SerializationError, DeadlockDetectedError, InvalidCachedStatementError)
"""The last: the schema was changed under a prepared statement."""

_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresUnitOfWork(UnitOfWork):
    """READ COMMITTED with row locks for writing, one read-only snapshot for reading."""

    def __init__(self, url: URL, pool_size: int = 10) -> None:
        self._pool = PostgresPool(url, pool_size)
        self._statements = Statements(url.get_dialect()())
        self._outages = OutageLog()

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
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
                if attempt == ATTEMPTS or not isinstance(error, _IN_THE_WAY):
                    told = translated(error)
                    self._outages.failed(told)
                    raise told from error
            else:
                self._outages.succeeded()
                return result
        raise AssertionError("the last attempt returns or raises")
