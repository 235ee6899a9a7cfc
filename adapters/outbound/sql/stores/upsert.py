"""Upsert: insert a row, or update the row with the same primary key."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from adapters.outbound.sql.connections import SqlConnection


def save(connection: SqlConnection, table: Table, row: Mapping[str, Any]) -> None:
    """Upsert a row. Both databases have INSERT … ON CONFLICT, but SQLAlchemy has a construct of its
    own per dialect."""
    connection.execute(_upsert(table, connection.statements.dialect.name), row)


@cache
def _upsert(table: Table, dialect: str) -> Insert:
    new = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    values = {c.name: new.excluded[c.name] for c in table.c if not c.primary_key}
    return new.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)
