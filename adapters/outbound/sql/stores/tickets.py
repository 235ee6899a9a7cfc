"""TicketStore on SQL."""

from datetime import datetime

from attrs import frozen
from sqlalchemy import bindparam, delete, insert, select

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.times import from_ms, to_ms
from adapters.outbound.sql.tables import tickets
from application.ports.storage.tickets import Ticket, TicketStore

_insert = insert(tickets)
_exists = select(tickets.c.digest).where(tickets.c.digest == bindparam("this_digest"))
_take = delete(tickets).where(tickets.c.digest == bindparam("this_digest")).returning(tickets)
_delete_expired = (
    delete(tickets).where(tickets.c.expires_at < bindparam("before")).returning(tickets.c.digest)
)


@frozen
class SqlTicketStore(TicketStore):
    """Tickets, in the table `tickets`."""

    _connection: SqlConnection

    def add(self, ticket: Ticket) -> None:
        row = {
            "digest": ticket.digest,
            "caller": ticket.caller,
            "endpoint": ticket.endpoint,
            "origin": ticket.origin,
            "expires_at": to_ms(ticket.expires_at),
        }
        self._connection.execute(_insert, row)

    def exists(self, digest: str) -> bool:
        return bool(self._connection.execute(_exists, {"this_digest": digest}))

    def take(self, digest: str) -> Ticket | None:
        row = self._connection.execute(_take, {"this_digest": digest}).one_or_none()
        if row is None:
            return None
        return Ticket(
            digest=row.digest,
            caller=bytes(row.caller),
            endpoint=row.endpoint,
            origin=row.origin,
            expires_at=from_ms(row.expires_at),
        )

    def delete_expired(self, moment: datetime) -> int:
        return len(self._connection.execute(_delete_expired, {"before": to_ms(moment)}))
