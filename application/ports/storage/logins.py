"""Logins: who is signed in where."""

from abc import ABC, abstractmethod
from datetime import datetime

from domain.account import Login


class LoginStore(ABC):
    @abstractmethod
    def add(self, login: Login) -> None: ...

    @abstractmethod
    def lock_by_digest(self, digest: str) -> Login | None:
        """The login whose current or previous refresh token has this digest, locked."""

    @abstractmethod
    def save(self, login: Login) -> None: ...

    @abstractmethod
    def revoke(self, login_id: str, at: datetime) -> None:
        """Idempotent: the first revocation counts."""

    @abstractmethod
    def revoke_all(self, user_id: int, at: datetime) -> list[str]:
        """Revoke every login of the user; returns the ids of those that were not yet."""

    @abstractmethod
    def revoked_since(self, moment: datetime) -> list[str]:
        """Ids of the logins that were revoked at `moment` or later."""
