"""The tables as the application sees them, within one transaction.

All methods are plain calls: an adapter runs them where blocking is allowed.
"""

from typing import Protocol

from application.ports.storage.accounts import AccountStore
from application.ports.storage.games import CrashRoundStore, StatsStore
from application.ports.storage.idempotency import IdempotencyStore
from application.ports.storage.journal import JournalStore
from application.ports.storage.logins import LoginStore
from application.ports.storage.players import PlayerStore
from application.ports.storage.shop import ReceiptStore


class Stores(Protocol):
    """All stores of one transaction."""

    @property
    def accounts(self) -> AccountStore: ...
    @property
    def logins(self) -> LoginStore: ...
    @property
    def players(self) -> PlayerStore: ...
    @property
    def stats(self) -> StatsStore: ...
    @property
    def crash_rounds(self) -> CrashRoundStore: ...
    @property
    def receipts(self) -> ReceiptStore: ...
    @property
    def idempotency(self) -> IdempotencyStore: ...
    @property
    def journal(self) -> JournalStore: ...
