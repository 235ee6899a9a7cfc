"""Direct access to a server's database."""

import secrets
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from attrs import frozen
from sqlalchemy import URL

from adapters.outbound.sql.migrate import migrate
from tests.support.stepping import finish


class Database(ABC):
    """A database that a test can query."""

    @abstractmethod
    async def rows(self, query: str) -> Sequence[Sequence[Any]]:
        """What the query returns."""


@frozen
class SqliteFile(Database):
    """The file of a server on SQLite."""

    path: Path

    async def rows(self, query: str) -> Sequence[Sequence[Any]]:
        with closing(sqlite3.connect(self.path)) as connection:
            return connection.execute(query).fetchall()


@frozen
class AsLeft(Database):
    """Reads a copy of the files, so that those of a crashed server stay unchanged."""

    original: SqliteFile

    async def rows(self, query: str) -> Sequence[Sequence[Any]]:
        path = self.original.path
        with TemporaryDirectory() as folder:
            for part in path.parent.glob(f"{path.name}*"):
                shutil.copy(part, folder)
            return await SqliteFile(Path(folder, path.name)).rows(query)


@frozen
class PostgresDatabase(Database):
    """A PostgreSQL database; `dsn` is libpq's."""

    dsn: str

    async def rows(self, query: str) -> Sequence[Sequence[Any]]:
        connection = await asyncpg.connect(self.dsn)
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()


def database_with_schema(folder: Path) -> Path:
    """The database of a node in this folder, if need be a new one. Copying one that was migrated is
    faster than the migrations, which have tests of their own."""
    path = folder / "synchub.db"
    if not path.exists():
        path.write_bytes(_migrated())
        with closing(sqlite3.connect(path)) as connection, connection:
            # Each journal has an epoch of its own.
            connection.execute("UPDATE journal_identity SET epoch = ?", [secrets.token_hex(8)])
    return path


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder, "synchub.db")
        finish(migrate(URL.create("sqlite+pysqlite", database=str(path))))
        return path.read_bytes()
