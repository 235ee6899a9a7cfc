"""The SQL implementations of the store ports, each on one or a few tables.

Statements are module constants, built once at import and compiled once per connection
(`adapters.outbound.sql.statements`), because both cost more than SQLite needs to run them.
"""

from functools import cached_property

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.accounts import SqlAccountStore
from adapters.outbound.sql.stores.audit import SqlAuditStore
from adapters.outbound.sql.stores.games import SqlCrashRoundStore, SqlStatsStore
from adapters.outbound.sql.stores.idempotency import SqlIdempotencyStore
from adapters.outbound.sql.stores.journal import SqlJournalStore
from adapters.outbound.sql.stores.logins import SqlLoginStore
from adapters.outbound.sql.stores.players import SqlPlayerStore
from adapters.outbound.sql.stores.receipts import SqlReceiptStore
from adapters.outbound.sql.stores.seeds import SqlRevealedSeedStore
from adapters.outbound.sql.stores.tickets import SqlTicketStore


class SqlStores:
    """All stores on one connection, within its current transaction; created on first use."""

    def __init__(self, connection: SqlConnection) -> None:
        self._connection = connection

    @cached_property
    def accounts(self) -> SqlAccountStore:
        return SqlAccountStore(self._connection)

    @cached_property
    def logins(self) -> SqlLoginStore:
        return SqlLoginStore(self._connection)

    @cached_property
    def players(self) -> SqlPlayerStore:
        return SqlPlayerStore(self._connection)

    @cached_property
    def stats(self) -> SqlStatsStore:
        return SqlStatsStore(self._connection)

    @cached_property
    def crash_rounds(self) -> SqlCrashRoundStore:
        return SqlCrashRoundStore(self._connection)

    @cached_property
    def revealed_seeds(self) -> SqlRevealedSeedStore:
        return SqlRevealedSeedStore(self._connection)

    @cached_property
    def receipts(self) -> SqlReceiptStore:
        return SqlReceiptStore(self._connection)

    @cached_property
    def idempotency(self) -> SqlIdempotencyStore:
        return SqlIdempotencyStore(self._connection)

    @cached_property
    def tickets(self) -> SqlTicketStore:
        return SqlTicketStore(self._connection)

    @cached_property
    def journal(self) -> SqlJournalStore:
        return SqlJournalStore(self._connection)

    @cached_property
    def audit(self) -> SqlAuditStore:
        return SqlAuditStore(self._connection)
