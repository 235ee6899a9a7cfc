"""AuditStore on SQL."""

from typing import Any

from attrs import asdict, frozen
from sqlalchemy import bindparam, insert, select, update

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.times import from_ms, to_ms
from adapters.outbound.sql.tables import audit_head, audit_log
from application.ports.storage.audit import AuditStore
from domain.audit import AuditEntry, AuditHead, AuditRecord

_head = select(audit_head.c.number, audit_head.c.seal)
_locked_head = _head.with_for_update()
_insert = insert(audit_log)
_move_head = update(audit_head).values(number=bindparam("new_number"), seal=bindparam("new_seal"))
_page = (
    select(audit_log)
    .where(audit_log.c.number > bindparam("after"))
    .order_by(audit_log.c.number)
    .limit(bindparam("limit"))
)


@frozen
class SqlAuditStore(AuditStore):
    """The tables `audit_log` and `audit_head`."""

    _connection: SqlConnection

    def lock_head(self) -> AuditHead:
        return AuditHead(**self._connection.execute(_locked_head).one()._asdict())

    def append(self, entry: AuditEntry) -> None:
        row = {
            **asdict(entry.record),
            "at": to_ms(entry.record.at),
            "number": entry.number,
            "key_id": entry.key_id,
            "seal": entry.seal,
        }
        self._connection.execute(_insert, row)
        moved = {"new_number": entry.number, "new_seal": entry.seal}
        self._connection.execute(_move_head, moved)

    def head(self) -> AuditHead | None:
        rows = self._connection.execute(_head)
        return AuditHead(**rows[0]._asdict()) if len(rows) == 1 else None

    def page(self, after: int, limit: int) -> list[AuditEntry]:
        rows = self._connection.execute(_page, {"after": after, "limit": limit})
        return [_entry(row) for row in rows]


def _entry(row: Any) -> AuditEntry:
    fields = row._asdict()
    number, key_id, seal = (fields.pop(name) for name in ("number", "key_id", "seal"))
    fields["at"] = from_ms(fields["at"])
    return AuditEntry(number=number, key_id=key_id, seal=seal, record=AuditRecord(**fields))
