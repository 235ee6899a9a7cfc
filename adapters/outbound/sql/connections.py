"""Connections as the stores use them: statements of SQLAlchemy's, run straight by the driver."""

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
    """A connection within a transaction. Errors are the driver's."""

    statements: Statements

    @abstractmethod
    def execute(
        self, statement: Executable, parameters: Parameters | Sequence[Parameters] = NOTHING
    ) -> Rows:
        """Run a statement, once for each of several sets of parameters, and return its rows;
        those of several sets are not returned."""


@frozen
class SqliteConnection(SqlConnection):
    """To be used by one thread at a time."""

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
    """To be used within SQLAlchemy's `greenlet_spawn`, which lets plain code wait."""

    driver: Any  # asyncpg has no types

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
