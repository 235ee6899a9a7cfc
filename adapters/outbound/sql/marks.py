"""Commit marks: numbers that tell what was committed since the last look, on any database.

Rows are stamped with the mark of their transaction. A look reads the rows from the last look's
horizon on, and remembers the horizon of its own snapshot: every transaction that the snapshot
does not show has a mark at or beyond it. Nothing is missed, whatever the order of commits.

- PostgreSQL: the transaction id, and the oldest one still running (`pg_snapshot_xmin`).
- SQLite: writers follow one another, so a running number does.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class CommitMark(FunctionElement[int]):
    """The mark of the present transaction."""

    type = BigInteger()
    inherit_cache = True


class Horizon(FunctionElement[int]):
    """The mark below which everything is in the present snapshot."""

    type = BigInteger()
    inherit_cache = True


_NEXT = "(SELECT coalesce(max(mark), 0) + 1 FROM heads)"


@compiles(CommitMark, "sqlite")
@compiles(Horizon, "sqlite")
def _sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return _NEXT


@compiles(CommitMark, "postgresql")
def _postgres_mark(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return "pg_current_xact_id()::text::bigint"


@compiles(Horizon, "postgresql")
def _postgres_horizon(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
