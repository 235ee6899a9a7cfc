"""Commit order: find everything that was committed since the last poll, on any database.

A sequence or a timestamp cannot do that, because transactions commit in another order than they
started in: a poll for `id > last` would skip rows that became visible late. So each row carries the
`commit_txid` of its transaction, and each poll remembers the `snapshot_xmin` of its own snapshot:
every transaction that this snapshot did not show has a txid at or above it. The next poll reads
from there. It may return rows again that the last one returned, but it misses none.

- PostgreSQL: the transaction id (`pg_current_xact_id`), and the oldest transaction that is still
  running (`pg_snapshot_xmin`).
- SQLite has one writer at a time, so a commit number that grows by one serves as both.
"""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class CommitTxid(FunctionElement[int]):
    """The txid of the current transaction."""

    type = BigInteger()
    inherit_cache = True


class SnapshotXmin(FunctionElement[int]):
    """The txid below which everything is visible in the current snapshot."""

    type = BigInteger()
    inherit_cache = True


_NEXT_COMMIT_NUMBER = "(SELECT coalesce(max(mark), 0) + 1 FROM heads)"


@compiles(CommitTxid, "sqlite")
@compiles(SnapshotXmin, "sqlite")
def _sqlite(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return _NEXT_COMMIT_NUMBER


@compiles(CommitTxid, "postgresql")
def _postgres_txid(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return "pg_current_xact_id()::text::bigint"


@compiles(SnapshotXmin, "postgresql")
def _postgres_xmin(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    return "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
