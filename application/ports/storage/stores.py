"""The stores of one transaction."""

from typing import Protocol

from application.ports.storage.accounts import AccountStore
from application.ports.storage.audit import AuditStore
from application.ports.storage.games import CrashRoundStore, StatsStore
from application.ports.storage.idempotency import IdempotencyStore
from application.ports.storage.journal import JournalStore
from application.ports.storage.logins import LoginStore
from application.ports.storage.players import PlayerStore
from application.ports.storage.seeds import RevealedSeedStore
from application.ports.storage.shop import ReceiptStore
from application.ports.storage.tickets import TicketStore


class Stores(Protocol):
    """All stores, bound to one transaction. Valid only within the work that receives them."""

    @property
    def accounts(self) -> AccountStore:
        """Accounts."""

    @property
    def logins(self) -> LoginStore:
        """Logins and refresh tokens."""

    @property
    def players(self) -> PlayerStore:
        """Players, ledger, streaks, rewards."""

    @property
    def stats(self) -> StatsStore:
        """Game statistics."""

    @property
    def crash_rounds(self) -> CrashRoundStore:
        """Crash rounds."""

    @property
    def revealed_seeds(self) -> RevealedSeedStore:
        """Server seeds that are no longer used."""

    @property
    def receipts(self) -> ReceiptStore:
        """Purchases."""

    @property
    def idempotency(self) -> IdempotencyStore:
        """Results by Idempotency-Key."""

    @property
    def tickets(self) -> TicketStore:
        """Tickets for realtime connections."""

    @property
    def journal(self) -> JournalStore:
        """The event journal and its heads."""

    @property
    def audit(self) -> AuditStore:
        """The audit log."""
