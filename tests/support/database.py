"""Direct access to a server's database."""

import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from attrs import frozen


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
