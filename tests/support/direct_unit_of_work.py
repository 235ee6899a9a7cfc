"""Transactions on an in-memory database, done within the call: for tests that drive everything
step by step. Held to the same contract as the real ones."""

import sqlite3
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Executable, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import StaticPool

from adapters.outbound.sql.connections import SqliteConnection
from adapters.outbound.sql.statements import Statements
from adapters.outbound.sql.stores import SqlStores
from adapters.outbound.sql.tables import audit_head, journal_identity, metadata
from application.ports.storage.unit_of_work import UnitOfWork, Work

T = TypeVar("T")

_STATEMENTS = Statements(SQLiteDialect_pysqlite())
"""Of all these databases, which are on one thread: compiling the statements takes longer than most
tests."""


class DirectUnitOfWork(UnitOfWork):
    """A UnitOfWork whose methods never wait, so a coroutine that uses nothing else runs in one
    step."""

    def __init__(self) -> None:
        driver = sqlite3.connect(":memory:", isolation_level=None)
        _template().backup(driver)
        self._connection = SqliteConnection(_STATEMENTS, driver)

    async def start(self) -> None:
        """Nothing to do."""

    async def stop(self) -> None:
        self._connection.driver.close()

    async def write(self, work: Work[T]) -> T:
        self._connection.driver.execute("BEGIN")
        try:
            result = work(SqlStores(self._connection))
        except BaseException:
            self._connection.driver.execute("ROLLBACK")
            raise
        self._connection.driver.execute("COMMIT")
        return result

    async def read(self, work: Work[T]) -> T:
        return self.now(work)

    def now(self, work: Work[T]) -> T:
        """`read` without a coroutine."""
        return work(SqlStores(self._connection))

    def scalar(self, statement: Executable) -> int:
        """One number, straight from the tables."""
        return int(self._connection.execute(statement).scalar_one())


@cache
def _template() -> sqlite3.Connection:
    """An empty database with the schema: copying it is much faster than making it."""
    engine = create_engine("sqlite://", poolclass=StaticPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        metadata.create_all(connection)
        identity = {"only_one": True, "epoch": "test-epoch"}
        connection.execute(journal_identity.insert(), identity)
        connection.execute(audit_head.insert(), {"only_one": True, "number": 0, "seal": ""})
        template: Any = connection.connection.dbapi_connection
        assert isinstance(template, sqlite3.Connection)
        return template
