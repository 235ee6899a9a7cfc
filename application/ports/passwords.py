"""Password hashing."""

from abc import ABC, abstractmethod


class Passwords(ABC):
    """Slow on purpose; implementations bound how many hashes are computed at once."""

    @abstractmethod
    async def hash(self, password: str) -> str:
        """A salted hash to store."""

    @abstractmethod
    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Whether the password belongs to the hash. `None` (no such account) takes as long as a
        wrong password and is False."""
