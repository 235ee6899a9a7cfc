"""Identifiers."""

from abc import ABC, abstractmethod
from uuid import UUID


class Ids(ABC):
    @abstractmethod
    def event_id(self) -> UUID:
        """A new UUIDv7: unique, and sortable by time."""

    @abstractmethod
    def secret(self) -> str:
        """A new URL-safe token of at least 192 random bits, unpredictable to anybody."""
