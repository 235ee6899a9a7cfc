"""JournalStore on SQL: the journal, its heads and its epoch.

Every user has one head row with the last `seq`. `advance` updates it, which locks it until the
commit: so numbers are gapless and commit order is `seq` order. A table-wide sequence would assign
numbers before the commit and in another order. Retention moves the head's `trimmed_through` (a low
watermark) in the same transaction as it deletes entries.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from attrs import define, field
from sqlalchemy import bindparam, delete, insert, or_, select, update

from adapters.outbound.sql.commit_order import CommitTxid, SnapshotXmin
from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.times import to_ms
from adapters.outbound.sql.tables import heads, journal, journal_identity
from application.ports.storage.journal import Head, JournaledGame, JournalEntry, JournalStore
from domain.errors import NotFound
from domain.events import GameEvent

SMALLEST_ENVELOPE = 128
"""Lower bound of the size of an envelope in bytes: a page of n bytes has at most n / 128 rows."""

_BEYOND_ALL = 2**63 - 1

_epoch = select(journal_identity.c.epoch)
_head = select(heads.c.seq, heads.c.trimmed_through).where(
    heads.c.user_id == bindparam("this_user")
)
_advance = (
    update(heads)
    .where(heads.c.user_id == bindparam("this_user"))
    .values(seq=heads.c.seq + bindparam("count"), commit_txid=CommitTxid())
    .returning(heads.c.seq, heads.c.commit_txid)
)
_append = insert(journal)
_page = (
    select(journal.c.seq, journal.c.type, journal.c.envelope)
    .where(journal.c.user_id == bindparam("this_user"), journal.c.seq > bindparam("after"))
    .order_by(journal.c.seq)
    .limit(bindparam("limit"))
)
_games_of = (
    select(journal.c.seq, journal.c.type, journal.c.envelope)
    .where(
        journal.c.user_id == bindparam("this_user"),
        journal.c.seq < bindparam("before"),
        journal.c.type == GameEvent.type,
    )
    .order_by(journal.c.seq.desc())
    .limit(bindparam("limit"))
)
_snapshot_xmin = select(SnapshotXmin())
_moved = select(heads.c.user_id, heads.c.seq, heads.c.trimmed_through).where(
    heads.c.commit_txid >= bindparam("since")
)
_games_since = (
    select(journal)
    .where(journal.c.commit_txid >= bindparam("since"))
    .order_by(journal.c.commit_txid, journal.c.seq)
)
_oldest = (
    select(journal.c.user_id)
    .where(journal.c.created_at < bindparam("before"))
    .order_by(journal.c.created_at)
    .limit(bindparam("limit"))
)
_locked_head = _head.with_for_update()
_oldest_of_user = (
    select(journal.c.seq, journal.c.created_at)
    .where(journal.c.user_id == bindparam("this_user"), journal.c.seq > bindparam("after"))
    .order_by(journal.c.seq)
    .limit(bindparam("limit"))
)
_delete = delete(journal).where(
    journal.c.user_id == bindparam("this_user"), journal.c.seq <= bindparam("up_to")
)
_set_trimmed_through = (
    update(heads)
    .where(heads.c.user_id == bindparam("this_user"))
    .values(trimmed_through=bindparam("new_trimmed_through"))
)
_latest_games = (
    select(journal)
    .where(journal.c.commit_txid.is_not(None))
    .order_by(journal.c.commit_txid.desc(), journal.c.seq.desc())
)


@define
class SqlJournalStore(JournalStore):
    """The journal, in the tables `journal`, `heads` and `journal_identity`. `append` writes the
    commit txid that `advance` returned, so it must follow in the same transaction."""

    _connection: SqlConnection
    _commit_txid: int = field(init=False, default=0)

    def epoch(self) -> str:
        return str(self._connection.execute(_epoch).scalar_one())

    def renew(self, epoch: str) -> None:
        self._connection.execute(update(journal_identity).values(epoch=epoch))
        self._connection.execute(update(heads).values(commit_txid=0))
        self._connection.execute(
            update(journal).where(journal.c.commit_txid > 0).values(commit_txid=0)
        )

    def head(self, user_id: int) -> Head:
        row = self._connection.execute(_head, {"this_user": user_id}).one_or_none()
        if row is None:
            raise NotFound("no such user", code="unknown_user")
        return Head(user_id, row.seq, row.trimmed_through)

    def advance(self, user_id: int, count: int) -> int:
        moved = self._connection.execute(_advance, {"this_user": user_id, "count": count}).one()
        self._commit_txid = moved.commit_txid
        return int(moved.seq)

    def append(self, user_id: int, entries: Sequence[JournalEntry], at: datetime) -> None:
        created_at = to_ms(at)
        rows = [
            {
                "user_id": user_id,
                "seq": entry.seq,
                "type": entry.type,
                "created_at": created_at,
                "commit_txid": self._commit_txid if entry.type == GameEvent.type else None,
                "envelope": entry.envelope,
            }
            for entry in entries
        ]
        self._connection.execute(_append, rows)

    def page(self, user_id: int, after: int, max_bytes: int) -> list[JournalEntry]:
        limit = max_bytes // SMALLEST_ENVELOPE + 1
        page = {"this_user": user_id, "after": after, "limit": limit}
        rows = self._connection.execute(_page, page)
        entries: list[JournalEntry] = []
        for row in rows:
            max_bytes -= len(row.envelope)
            if entries and max_bytes < 0:
                break
            entries.append(JournalEntry(row.seq, row.type, row.envelope))
        return entries

    def games_of(self, user_id: int, before: int | None, limit: int) -> list[JournalEntry]:
        below = _BEYOND_ALL if before is None else before
        page = {"this_user": user_id, "before": below, "limit": limit}
        rows = self._connection.execute(_games_of, page)
        return [JournalEntry(row.seq, row.type, row.envelope) for row in rows]

    def snapshot_xmin(self) -> int:
        return int(self._connection.execute(_snapshot_xmin).scalar_one())

    def moved_since(self, commit_txid: int) -> list[Head]:
        rows = self._connection.execute(_moved, {"since": commit_txid})
        return [Head(row.user_id, row.seq, row.trimmed_through) for row in rows]

    def games_since(self, commit_txid: int) -> list[JournaledGame]:
        return _games(self._connection.execute(_games_since, {"since": commit_txid}))

    def users_with_entries_before(self, moment: datetime, limit: int) -> list[int]:
        rows = self._connection.execute(_oldest, {"before": to_ms(moment), "limit": limit})
        return list(dict.fromkeys(rows.scalars()))

    def trim(self, user_id: int, *, before: datetime, keep: int, limit: int) -> int:
        head = self._connection.execute(_locked_head, {"this_user": user_id}).one()
        first = {"this_user": user_id, "after": head.trimmed_through, "limit": limit}
        cutoff = to_ms(before)
        trimmed_through = head.trimmed_through
        for row in self._connection.execute(_oldest_of_user, first):
            if row.created_at >= cutoff and row.seq > head.seq - keep:
                break
            trimmed_through = row.seq
        if trimmed_through > head.trimmed_through:
            self._connection.execute(_delete, {"this_user": user_id, "up_to": trimmed_through})
            self._connection.execute(
                _set_trimmed_through, {"this_user": user_id, "new_trimmed_through": trimmed_through}
            )
        return int(trimmed_through - head.trimmed_through)

    def recent_games(self, limit: int, user_ids: Collection[int] = ()) -> list[JournaledGame]:
        latest = _latest_games.limit(limit)
        if user_ids:
            latest = latest.where(or_(*(journal.c.user_id == user_id for user_id in user_ids)))
        rows = self._connection.execute(latest)
        return _games(rows[::-1])


def _games(rows: Sequence[Any]) -> list[JournaledGame]:
    return [
        JournaledGame(row.user_id, row.commit_txid, JournalEntry(row.seq, row.type, row.envelope))
        for row in rows
    ]
