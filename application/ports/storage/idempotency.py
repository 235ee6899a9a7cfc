"""Idempotency: stored results by Idempotency-Key.

The result of the first request with a key is stored in the same transaction as its changes. A
repeated request returns that result instead of being executed again. The key is unique per user.
"""

from abc import ABC, abstractmethod
from datetime import datetime

from attrs import frozen


@frozen
class StoredResult:
    """The result of the first request with a key, encoded by `Codec.dump`. `fingerprint` identifies
    that request, so that the reuse of the key for another one is detected."""

    fingerprint: str
    result: bytes


class IdempotencyStore(ABC):
    """Stored results by user and key. `save` with a known key fails; callers hold the player
    lock."""

    @abstractmethod
    def find(self, user_id: int, key: str) -> StoredResult | None:
        """The stored result, or None if the user has not used this key."""

    @abstractmethod
    def delete_before(self, moment: datetime, limit: int) -> int:
        """Delete up to `limit` results stored before `moment`, oldest first; return the number."""

    @abstractmethod
    def save(self, user_id: int, key: str, stored: StoredResult, at: datetime) -> None:
        """Store the result of the first request with this key, at the time `at`."""
