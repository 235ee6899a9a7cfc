"""Connections for the stores: SQLAlchemy statements, executed directly by the driver.

The interface is synchronous for both databases. On PostgreSQL it runs within a greenlet, so that
plain store code can wait for the network without blocking the event loop.
"""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen
from sqlalchemy import Executable
from sqlalchemy.util import await_only

from adapters.outbound.sql.statements import Parameters, Rows, Statements

NOTHING: Parameters = {}


@frozen
class SqlConnection(ABC):
    """A connection within a transaction. Raises the errors of the driver (`failures`)."""

    statements: Statements

    @abstractmethod
    def execute(
        self, statement: Executable, parameters: Parameters | Sequence[Parameters] = NOTHING
    ) -> Rows:
        """Execute a statement and return its rows. With a sequence of parameter sets, execute it
        once per set (executemany) and return no rows."""


@frozen
class SqliteConnection(SqlConnection):
    """A connection of the sqlite3 module. One thread at a time may use it."""

    driver: sqlite3.Connection

    def execute(
        self, statement: Executable, parameters: Parameters | Sequence[Parameters] = NOTHING
    ) -> Rows:
        if isinstance(parameters, Mapping):
            compiled = self.statements.compiled(statement, tuple(parameters))
            cursor = self.driver.execute(compiled.sql, compiled.arguments(parameters))
            return compiled.rows(cursor.fetchall())
        compiled = self.statements.compiled(statement, tuple(parameters[0]))
        self.driver.executemany(compiled.sql, map(compiled.arguments, parameters))
        return Rows()


@frozen
class PostgresConnection(SqlConnection):
    """A connection of asyncpg. Use it within SQLAlchemy's `greenlet_spawn`: `await_only` then
    suspends the calling function until the driver has the answer."""

    driver: Any  # asyncpg is untyped

    def execute(
        self, statement: Executable, parameters: Parameters | Sequence[Parameters] = NOTHING
    ) -> Rows:
        if isinstance(parameters, Mapping):
            compiled = self.statements.compiled(statement, tuple(parameters))
            arguments = compiled.arguments(parameters)
            return compiled.rows(await_only(self.driver.fetch(compiled.sql, *arguments)))
        compiled = self.statements.compiled(statement, tuple(parameters[0]))
        all_arguments = map(compiled.arguments, parameters)
        await_only(self.driver.executemany(compiled.sql, all_arguments))
        return Rows()
