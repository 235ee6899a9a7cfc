"""AccountStore on SQL. Site ids are compared by their casefolded form."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from attrs import frozen
from sqlalchemy import bindparam, insert, select, update

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.failures import UniqueViolation
from adapters.outbound.sql.stores.slots import filled, slots
from adapters.outbound.sql.stores.times import from_ms, to_ms
from adapters.outbound.sql.tables import accounts
from application.ports.storage.accounts import AccountStore
from domain.account import Account, AccountStatus, Role
from domain.errors import Conflict, NotFound

_by_site_id = select(accounts).where(accounts.c.site_id_folded == bindparam("folded"))
_by_user_id = select(accounts).where(accounts.c.user_id == bindparam("this_user"))
_by_user_ids = select(accounts).where(accounts.c.user_id.in_(slots("user")))
_insert = insert(accounts).returning(accounts.c.user_id)
_lock = _by_user_id.with_for_update()
_lock_operators = (
    select(accounts.c.user_id)
    .where(accounts.c.role == Role.ADMIN.value, accounts.c.status == AccountStatus.ACTIVE.value)
    .order_by(accounts.c.user_id)  # so that two transactions do not wait for each other
    .with_for_update()
)
_update = update(accounts).where(accounts.c.user_id == bindparam("this_user"))
_replace_hash = _update.where(accounts.c.password_hash == bindparam("old")).returning(
    accounts.c.user_id
)
_raise_version = (
    update(accounts)
    .where(accounts.c.user_id == bindparam("this_user"))
    .values(version=accounts.c.version + 1, changed_at=bindparam("moment"))
    .returning(accounts.c.version)
)
_changed_since = (
    select(accounts)
    .where(accounts.c.changed_at >= bindparam("moment"))
    .order_by(accounts.c.changed_at)
)


@frozen
class SqlAccountStore(AccountStore):
    """Accounts, in the table `accounts`."""

    _connection: SqlConnection

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
        values = {
            "site_id": site_id,
            "site_id_folded": site_id.casefold(),
            "password_hash": password_hash,
            "role": role.value,
            "invite_code": invite_code,
            "phone_number": phone_number,
            "created_at": to_ms(created_at),
        }
        try:
            return int(self._connection.execute(_insert, values).scalar_one())
        except UniqueViolation as error:
            raise Conflict("this site id is taken", code="site_id_taken") from error

    def by_site_id(self, site_id: str) -> Account | None:
        found = self._connection.execute(_by_site_id, {"folded": site_id.casefold()})
        return _account(found.one_or_none())

    def by_user_id(self, user_id: int) -> Account | None:
        found = self._connection.execute(_by_user_id, {"this_user": user_id})
        return _account(found.one_or_none())

    def by_user_ids(self, user_ids: Iterable[int]) -> list[Account]:
        return [
            _account_of(row)
            for users in filled("user", user_ids)
            for row in self._connection.execute(_by_user_ids, users)
        ]

    def lock(self, user_id: int) -> Account | None:
        return _account(self._connection.execute(_lock, {"this_user": user_id}).one_or_none())

    def lock_operators(self) -> list[int]:
        return self._connection.execute(_lock_operators).scalars()

    def set_role(self, user_id: int, role: Role) -> None:
        self._connection.execute(_update, {"this_user": user_id, "role": role.value})

    def set_status(self, user_id: int, status: AccountStatus) -> None:
        self._connection.execute(_update, {"this_user": user_id, "status": status.value})

    def raise_version(self, user_id: int) -> int:
        raised = {"this_user": user_id, "moment": to_ms(datetime.now(UTC))}
        row = self._connection.execute(_raise_version, raised).one_or_none()
        if row is None:
            raise NotFound("there is no such user", code="unknown_user")
        return int(row.version)

    def changed_since(self, moment: datetime) -> list[Account]:
        changed = self._connection.execute(_changed_since, {"moment": to_ms(moment)})
        return [_account_of(row) for row in changed]

    def set_credentials(self, user_id: int, *, password_hash: str, role: Role) -> None:
        changed = {"this_user": user_id, "password_hash": password_hash, "role": role.value}
        self._connection.execute(_update, changed)

    def replace_password_hash(self, user_id: int, *, old: str, new: str) -> bool:
        changed = {"this_user": user_id, "old": old, "password_hash": new}
        return bool(self._connection.execute(_replace_hash, changed).scalars())


def _account(row: Any | None) -> Account | None:
    return None if row is None else _account_of(row)


def _account_of(row: Any) -> Account:
    return Account(
        user_id=row.user_id,
        site_id=row.site_id,
        password_hash=row.password_hash,
        role=Role(row.role),
        status=AccountStatus(row.status),
        version=row.version,
        changed_at=None if row.changed_at is None else from_ms(row.changed_at),
    )
