"""Connections to PostgreSQL that are used again, and transactions on them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import asyncpg
from sqlalchemy import URL

from adapters.outbound.sql.failures import DriverError

WAIT_S = 10
"""How long to wait for a connection when all are in use."""

BEGIN_S = 5
"""How long to wait for the answer to the first command."""

Connection: TypeAlias = Any
"""asyncpg has no types."""


class PostgresPool:
    """At most `size` connections, made when they are needed.

    asyncpg's own pool would cost each transaction a task and a round trip more; SQLAlchemy's,
    three round trips to find out whether a connection still works. Here the event loop notices
    most that were cut while idle, and for the rest it is BEGIN that fails, which loses nothing.
    """

    def __init__(self, url: URL, size: int) -> None:
        self._url = url
        self._places = asyncio.Semaphore(size)
        self._idle: list[Connection] = []

    async def close(self) -> None:
        """When nothing is in use any more."""
        while self._idle:
            with suppress(*DriverError):
                await self._idle.pop().close(timeout=5)

    @asynccontextmanager
    async def transaction(self, begin: str) -> AsyncIterator[Connection]:
        """Begun with this command, committed at the end, rolled back if there is an exception."""
        await self._take_place()
        try:
            connection = await self._begun(begin)
            try:
                yield connection
                await _commit(connection)
            except Exception:
                await _roll_back(connection)
                raise
            except BaseException:  # cancelled: there is no time for good manners
                connection.terminate()
                raise
            finally:
                if not connection.is_closed():
                    self._idle.append(connection)
        finally:
            self._places.release()

    def _forget_idle(self) -> None:
        while self._idle:
            self._idle.pop().terminate()

    async def _take_place(self) -> None:
        try:
            async with asyncio.timeout(WAIT_S):
                await self._places.acquire()
        except TimeoutError:
            raise TimeoutError("all connections are in use") from None

    async def _begun(self, begin: str) -> Connection:
        """A connection on which the transaction has begun. Where that fails on one that was idle,
        nothing is lost: the others have been cut as well, and a new one tells how things are."""
        if self._idle:
            connection = self._idle.pop()
            try:
                await _begin(connection, begin)
            except DriverError:
                self._forget_idle()
            else:
                return connection
        connection = await connect(self._url)
        await _begin(connection, begin)
        return connection


async def connect(url: URL) -> Connection:
    """JSON comes back as what it stands for; statements write it as text."""
    _, arguments = url.get_dialect()().create_connect_args(url)
    connection = await asyncpg.connect(**arguments, timeout=5, command_timeout=15)
    try:
        await connection.set_type_codec(
            "json", schema="pg_catalog", encoder=str, decoder=json.loads
        )
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _begin(connection: Connection, begin: str) -> None:
    try:
        await connection.execute(begin, timeout=BEGIN_S)
    except BaseException:
        connection.terminate()
        raise


async def _commit(connection: Connection) -> None:
    """PostgreSQL answers COMMIT with ROLLBACK if a statement before had failed."""
    if (answer := await connection.execute("COMMIT")) != "COMMIT":
        raise RuntimeError(f"work ignored a failed statement: {answer}")


async def _roll_back(connection: Connection) -> None:
    try:
        if connection.is_in_transaction():
            await connection.execute("ROLLBACK")
    except DriverError:
        connection.terminate()
