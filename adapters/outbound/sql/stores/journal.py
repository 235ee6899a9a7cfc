"""The journal and its heads."""

from collections.abc import Sequence
from datetime import datetime

from attrs import define, field
from sqlalchemy import Connection, bindparam, insert, select, update

from adapters.outbound.sql.marks import CommitMark
from adapters.outbound.sql.stores.times import to_ms
from adapters.outbound.sql.tables import heads, journal, journal_identity
from application.ports.stores.journal import Entry, Head, JournalStore
from domain.errors import NotFound
from domain.events import GameEvent

SMALLEST_ENVELOPE = 128
"""No envelope has fewer bytes, so that a page of n bytes needs at most n / 128 rows."""

_epoch = select(journal_identity.c.epoch)
_head = select(heads.c.seq, heads.c.floor).where(heads.c.user_id == bindparam("this_user"))
_advance = (
    update(heads)
    .where(heads.c.user_id == bindparam("this_user"))
    .values(seq=heads.c.seq + bindparam("count"), mark=CommitMark())
    .returning(heads.c.seq, heads.c.mark)
)
_append = insert(journal)
_page = (
    select(journal.c.seq, journal.c.type, journal.c.envelope)
    .where(journal.c.user_id == bindparam("this_user"), journal.c.seq > bindparam("after"))
    .order_by(journal.c.seq)
    .limit(bindparam("most"))
)
_recent = (
    select(journal.c.user_id, journal.c.seq, journal.c.type, journal.c.envelope)
    .where(journal.c.mark.is_not(None))
    .order_by(journal.c.mark.desc(), journal.c.seq.desc())
    .limit(bindparam("most"))
)


@define
class SqlJournalStore(JournalStore):
    _connection: Connection
    _mark: int = field(init=False, default=0)

    def epoch(self) -> str:
        return str(self._connection.execute(_epoch).scalar_one())

    def head(self, user_id: int) -> Head:
        row = self._connection.execute(_head, {"this_user": user_id}).one_or_none()
        if row is None:
            raise NotFound("no such user", code="unknown_user")
        return Head(user_id, row.seq, row.floor)

    def advance(self, user_id: int, count: int) -> int:
        moved = self._connection.execute(_advance, {"this_user": user_id, "count": count}).one()
        self._mark = moved.mark
        return int(moved.seq)

    def append(self, user_id: int, entries: Sequence[Entry], at: datetime) -> None:
        created_at = to_ms(at)
        rows = [
            {
                "user_id": user_id,
                "seq": entry.seq,
                "type": entry.type,
                "created_at": created_at,
                "mark": self._mark if entry.type == GameEvent.type else None,
                "envelope": entry.envelope,
            }
            for entry in entries
        ]
        self._connection.execute(_append, rows)

    def page(self, user_id: int, after: int, max_bytes: int) -> list[Entry]:
        most = max_bytes // SMALLEST_ENVELOPE + 1
        rows = self._connection.execute(_page, {"this_user": user_id, "after": after, "most": most})
        entries: list[Entry] = []
        for row in rows:
            max_bytes -= len(row.envelope)
            if entries and max_bytes < 0:
                break
            entries.append(Entry(row.seq, row.type, row.envelope))
        return entries

    def recent_games(self, limit: int) -> list[tuple[int, Entry]]:
        rows = self._connection.execute(_recent, {"most": limit}).all()
        return [(row.user_id, Entry(row.seq, row.type, row.envelope)) for row in reversed(rows)]
