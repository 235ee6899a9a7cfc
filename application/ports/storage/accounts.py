"""The AccountStore port."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime

from domain.account import Account, AccountStatus, Role


class AccountStore(ABC):
    """Accounts by user id and by site id."""

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
        """Insert an account and return its new user id. Conflict (`site_id_taken`) if the site id
        exists, ignoring case."""

    @abstractmethod
    def by_site_id(self, site_id: str) -> Account | None:
        """The account with this site id, ignoring case; None if there is none."""

    @abstractmethod
    def by_user_id(self, user_id: int) -> Account | None:
        """The account of this user; None if there is none."""

    @abstractmethod
    def by_user_ids(self, user_ids: Iterable[int]) -> list[Account]:
        """The accounts of these users, in any order; unknown ids are left out."""

    @abstractmethod
    def lock(self, user_id: int) -> Account | None:
        """As `by_user_id`, and locked until the end of the transaction."""

    @abstractmethod
    def lock_operators(self) -> list[int]:
        """The user ids of all active accounts with the admin role, locked until the end of the
        transaction: nobody else changes who is an operator meanwhile."""

    @abstractmethod
    def set_role(self, user_id: int, role: Role) -> None:
        """Replace the role of an existing account. Raise its version as well."""

    @abstractmethod
    def set_status(self, user_id: int, status: AccountStatus) -> None:
        """Replace the status of an existing account. Raise its version as well."""

    @abstractmethod
    def raise_version(self, user_id: int) -> int:
        """Make all access tokens of the user outdated: add one to the version of the account, and
        return the new one. Publish it with `AccountChanged` after the commit; nodes that do not
        get that message find it by the poll (`changed_since`). NotFound (`unknown_user`)."""

    @abstractmethod
    def changed_since(self, moment: datetime) -> list[Account]:
        """The accounts whose version was raised at `moment` or later, by the clocks of the nodes
        that did it."""

    @abstractmethod
    def set_credentials(self, user_id: int, *, password_hash: str, role: Role) -> None:
        """Replace the password hash and the role of an existing account."""

    @abstractmethod
    def replace_password_hash(self, user_id: int, *, old: str, new: str) -> bool:
        """Replace the hash if it is still `old`; return whether it was."""
