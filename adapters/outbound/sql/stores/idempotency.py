"""IdempotencyStore on SQL."""

from datetime import datetime

from attrs import frozen
from sqlalchemy import bindparam, delete, insert, select

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.times import to_ms
from adapters.outbound.sql.tables import idempotency
from application.ports.storage.idempotency import IdempotencyStore, StoredResult

_find = select(idempotency.c.fingerprint, idempotency.c.result).where(
    idempotency.c.user_id == bindparam("this_user"), idempotency.c.key == bindparam("this_key")
)
_insert = insert(idempotency)
_oldest = (
    select(idempotency.c.user_id, idempotency.c.key)
    .where(idempotency.c.created_at < bindparam("before"))
    .order_by(idempotency.c.created_at)
    .limit(bindparam("limit"))
)
_delete = delete(idempotency).where(
    idempotency.c.user_id == bindparam("this_user"), idempotency.c.key == bindparam("this_key")
)


@frozen
class SqlIdempotencyStore(IdempotencyStore):
    """Stored results, in the table `idempotency`."""

    _connection: SqlConnection

    def find(self, user_id: int, key: str) -> StoredResult | None:
        found = self._connection.execute(_find, {"this_user": user_id, "this_key": key})
        row = found.one_or_none()
        return None if row is None else StoredResult(row.fingerprint, bytes(row.result))

    def delete_before(self, moment: datetime, limit: int) -> int:
        before = {"before": to_ms(moment), "limit": limit}
        old = self._connection.execute(_oldest, before)
        if old:
            keys = [{"this_user": row.user_id, "this_key": row.key} for row in old]
            self._connection.execute(_delete, keys)
        return len(old)

    def save(self, user_id: int, key: str, stored: StoredResult, at: datetime) -> None:
        row = {
            "user_id": user_id,
            "key": key,
            "fingerprint": stored.fingerprint,
            "result": stored.result,
            "created_at": to_ms(at),
        }
        self._connection.execute(_insert, row)
