"""First results by idempotency key."""

from abc import ABC, abstractmethod
from datetime import datetime

from attrs import frozen


@frozen
class StoredResult:
    """`fingerprint` of the first request under a key, and its result as the codec dumped it."""

    fingerprint: str
    result: bytes


class IdempotencyStore(ABC):
    @abstractmethod
    def find(self, user_id: int, key: str) -> StoredResult | None: ...

    @abstractmethod
    def forget_before(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` of the oldest results from before `moment`; returns how many."""

    @abstractmethod
    def save(self, user_id: int, key: str, stored: StoredResult, at: datetime) -> None: ...
