"""The ExternalIssuer port: access tokens that somebody else issues to our users."""

from abc import ABC, abstractmethod
from datetime import datetime

from attrs import frozen


@frozen(kw_only=True)
class ExternalIdentity:
    """What a verified token says. `user_id` is that of our account."""

    user_id: int
    issued_at: datetime
    expires_at: datetime


class ExternalIssuer(ABC):
    """Verifies the tokens of one issuer. Does not know of our accounts.

    The keys of the issuer are fetched in the background of everything else and cached. While the
    issuer cannot be reached, the keys that are known stay in use.
    """

    @abstractmethod
    def claims(self, token: str) -> bool:
        """Whether the token says that it comes from this issuer. Nothing of it is verified."""

    @abstractmethod
    async def verify(self, token: str) -> ExternalIdentity:
        """Verify the token; waits for the keys of the issuer if its key is unknown, for a short
        bounded time. Unauthenticated (`token_invalid`, `token_expired`)."""

    @abstractmethod
    async def refresh(self) -> None:
        """Fetch the keys of the issuer. Never raises; a failure is logged and counted."""
