"""The LoginStore port."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime

from domain.account import Login


class LoginStore(ABC):
    """Logins by login id, user and digests of refresh tokens."""

    @abstractmethod
    def add(self, login: Login) -> None:
        """Insert a new login."""

    @abstractmethod
    def lock_by_digest(self, family_digest: str, token_digest: str) -> Login | None:
        """The login with this family, or whose current or previous refresh token has this digest,
        locked until the end of the transaction; None if there is none."""

    @abstractmethod
    def by_id(self, login_id: str) -> Login | None:
        """The login with this id; None if there is none."""

    @abstractmethod
    def of_user(self, user_id: int, limit: int) -> list[Login]:
        """The user's logins, the one with the latest tokens first, revoked ones included."""

    @abstractmethod
    def save(self, login: Login) -> None:
        """Update an existing login."""

    @abstractmethod
    def revoke(self, login_id: str, at: datetime) -> bool:
        """Revoke a login; whether there was one that was not revoked before. Idempotent: a later
        revocation does not change the time."""

    @abstractmethod
    def revoke_all(
        self, user_id: int, at: datetime, *, except_login: str | None = None
    ) -> list[str]:
        """Revoke all logins of the user, except one if given; return the ids of those that were
        not revoked before."""

    @abstractmethod
    def revoked_since(self, moment: datetime) -> list[str]:
        """The ids of the logins that were revoked at `moment` or later."""

    @abstractmethod
    def revoked_among(
        self, login_ids: Iterable[str], user_ids: Iterable[int], moment: datetime
    ) -> list[str]:
        """The ids of those of these logins, and of the logins of these users, that were revoked at
        `moment` or later."""

    @abstractmethod
    def delete_expired(self, moment: datetime, limit: int) -> int:
        """Delete at most `limit` logins that expired before `moment`, the oldest first; return how
        many."""
