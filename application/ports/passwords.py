"""The Passwords port: password hashing."""

from abc import ABC, abstractmethod


class Passwords(ABC):
    """Hashes are expensive by design: an adapter computes few at a time, without delaying anything
    else, and lets a bounded number of calls wait for a bounded time.

    `address` is the origin of a request; those who wait take turns by address, so one address
    delays the others by one hash, and when too many wait, the address with the most gives way.
    Overloaded (`sign_in_busy`) means that nothing was computed, and a call that is cancelled while
    it waits is never computed.
    """

    @abstractmethod
    async def hash(self, password: str, address: str = "") -> str:
        """Return a salted hash, to be stored, of the normalized password."""

    @abstractmethod
    async def verify(self, password: str, password_hash: str | None, address: str = "") -> bool:
        """Whether the password matches the hash, in its normalized form or as it is. `None` (no
        such account) is False, but takes as many computations as a wrong password, so that
        response times do not reveal which accounts exist."""

    @abstractmethod
    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than `hash` uses now."""

    @abstractmethod
    def waiting(self) -> int:
        """The number of calls that wait for their turn."""
