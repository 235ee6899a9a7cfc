"""The Ids port: identifiers and secrets."""

from abc import ABC, abstractmethod
from uuid import UUID


class Ids(ABC):
    """Generates identifiers and secrets."""

    @abstractmethod
    def event_id(self) -> UUID:
        """A new UUIDv7 (RFC 9562): unique and sortable by time."""

    @abstractmethod
    def secret(self) -> str:
        """A new URL-safe token with at least 192 bits from a cryptographic generator."""
