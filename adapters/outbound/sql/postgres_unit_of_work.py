"""Transactions on PostgreSQL, through asyncpg.

The stores are plain code; SQLAlchemy's greenlet bridge lets them wait for the network without
holding up the event loop.
"""

from typing import TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.sql.engines import postgres_engine
from adapters.outbound.sql.failures import sqlstate, translated
from adapters.outbound.sql.stores import SqlStores
from application.ports.unit_of_work import StorageUnavailable, UnitOfWork, Work

T = TypeVar("T")

ATTEMPTS = 5
"""How often work is done at most when others get in its way (deadlock, serialization)."""

_IN_THE_WAY = {"40001", "40P01"}
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class PostgresUnitOfWork(UnitOfWork):
    """READ COMMITTED with row locks for writing, one read-only snapshot for reading."""

    def __init__(self, url: URL, pool_size: int = 10) -> None:
        self._engine = postgres_engine(url, pool_size)
        self._snapshots = self._engine.execution_options(**_SNAPSHOT)

    async def start(self) -> None:
        """Connections are made when they are needed."""

    async def stop(self) -> None:
        await self._engine.dispose()

    async def write(self, work: Work[T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with self._engine.begin() as connection:
                    return await _run(connection, work)
            except DBAPIError as error:
                if attempt == ATTEMPTS or sqlstate(error) not in _IN_THE_WAY:
                    raise translated(error) from error
            except (OSError, PoolTimeout) as error:
                raise StorageUnavailable(str(error)) from error
        raise AssertionError("the last attempt returns or raises")

    async def read(self, work: Work[T]) -> T:
        try:
            async with self._snapshots.begin() as connection:
                return await _run(connection, work)
        except DBAPIError as error:
            raise translated(error) from error
        except (OSError, PoolTimeout) as error:
            raise StorageUnavailable(str(error)) from error


async def _run(connection: AsyncConnection, work: Work[T]) -> T:
    return await connection.run_sync(lambda plain: work(SqlStores(plain)))
