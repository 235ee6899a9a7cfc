"""The Passwords port: password hashing."""

from abc import ABC, abstractmethod


class Passwords(ABC):
    """Hashes are expensive by design, so adapters limit the number of concurrent computations."""

    @abstractmethod
    async def hash(self, password: str) -> str:
        """Return a salted hash, to be stored."""

    @abstractmethod
    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password matches the hash. `None` (no such account) is False, but takes as
        long as a wrong password, so that response times do not reveal which accounts exist."""
