"""Accounts."""

from abc import ABC, abstractmethod
from datetime import datetime

from domain.account import Account, Role


class AccountStore(ABC):
    @abstractmethod
    def add(
        self,
        *,
        site_id: str,
        password_hash: str,
        role: Role,
        invite_code: str | None,
        phone_number: str | None,
        created_at: datetime,
    ) -> int:
        """Open an account and return its new user id; Conflict (`site_id_taken`) if the name is
        taken in any case."""

    @abstractmethod
    def by_site_id(self, site_id: str) -> Account | None:
        """The account, whatever the case of the name."""

    @abstractmethod
    def by_user_id(self, user_id: int) -> Account | None: ...

    @abstractmethod
    def set_credentials(self, user_id: int, *, password_hash: str, role: Role) -> None: ...
