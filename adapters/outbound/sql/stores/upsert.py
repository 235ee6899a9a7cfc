"""Insert a row, or replace the one with its key."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from adapters.outbound.sql.connections import SqlConnection


def save(connection: SqlConnection, table: Table, row: Mapping[str, Any]) -> None:
    """Both databases write ON CONFLICT alike, but SQLAlchemy spells it per dialect."""
    connection.execute(_upsert(table, connection.statements.dialect.name), row)


@cache
def _upsert(table: Table, dialect: str) -> Insert:
    new = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    values = {c.name: new.excluded[c.name] for c in table.c if not c.primary_key}
    return new.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)
