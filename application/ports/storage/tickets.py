"""The TicketStore port."""

from abc import ABC, abstractmethod
from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class Ticket:
    """Stands for an access token at one connection. `caller` is who got it, encoded by
    `Codec.dump`; `endpoint` and `origin` (None: our own pages, or no browser) are where it may be
    used. The ticket itself is not stored, only its digest."""

    digest: str
    caller: bytes
    endpoint: str
    origin: str | None
    expires_at: datetime


class TicketStore(ABC):
    """Tickets by the digest of their secret."""

    @abstractmethod
    def add(self, ticket: Ticket) -> None:
        """Insert a new ticket."""

    @abstractmethod
    def exists(self, digest: str) -> bool:
        """Whether there is such a ticket, expired or not."""

    @abstractmethod
    def take(self, digest: str) -> Ticket | None:
        """Remove a ticket and return it; None if there is none. Of concurrent calls, on any node,
        one gets it."""

    @abstractmethod
    def delete_expired(self, moment: datetime) -> int:
        """Delete the tickets that expired before `moment`; return the number."""
