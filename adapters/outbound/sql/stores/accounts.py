"""AccountStore and LoginStore on SQL. Site ids are compared by their casefolded form."""

from datetime import datetime
from typing import Any

from attrs import frozen
from sqlalchemy import bindparam, insert, or_, select, update

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.failures import UniqueViolation
from adapters.outbound.sql.stores.times import from_ms, to_ms
from adapters.outbound.sql.tables import accounts, logins
from application.ports.storage.accounts import AccountStore
from application.ports.storage.logins import LoginStore
from domain.account import Account, Login, Role
from domain.errors import Conflict

_by_site_id = select(accounts).where(accounts.c.site_id_folded == bindparam("folded"))
_by_user_id = select(accounts).where(accounts.c.user_id == bindparam("this_user"))
_insert = insert(accounts).returning(accounts.c.user_id)
_set_credentials = update(accounts).where(accounts.c.user_id == bindparam("this_user"))

_insert_login = insert(logins)
_locked_by_digest = (
    select(logins)
    .where(
        or_(
            logins.c.refresh_digest == bindparam("digest"),
            logins.c.previous_digest == bindparam("digest"),
        )
    )
    .with_for_update()
)
_login_by_id = select(logins).where(logins.c.login_id == bindparam("this_login"))
_logins_of_user = (
    select(logins)
    .where(logins.c.user_id == bindparam("this_user"))
    .order_by(logins.c.rotated_at.desc(), logins.c.login_id)
    .limit(bindparam("limit"))
)
_save_login = update(logins).where(logins.c.login_id == bindparam("this_login"))
_revoke = _save_login.where(logins.c.revoked_at.is_(None))
_revoke_all = (
    update(logins)
    .where(logins.c.user_id == bindparam("this_user"), logins.c.revoked_at.is_(None))
    .returning(logins.c.login_id)
)
_revoked_since = select(logins.c.login_id).where(logins.c.revoked_at >= bindparam("moment"))


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

    def set_credentials(self, user_id: int, *, password_hash: str, role: Role) -> None:
        changed = {"this_user": user_id, "password_hash": password_hash, "role": role.value}
        self._connection.execute(_set_credentials, changed)


def _account(row: Any | None) -> Account | None:
    if row is None:
        return None
    return Account(
        user_id=row.user_id,
        site_id=row.site_id,
        password_hash=row.password_hash,
        role=Role(row.role),
    )


@frozen
class SqlLoginStore(LoginStore):
    """Logins, in the table `logins`."""

    _connection: SqlConnection

    def add(self, login: Login) -> None:
        self._connection.execute(_insert_login, _login_row(login))

    def lock_by_digest(self, digest: str) -> Login | None:
        found = self._connection.execute(_locked_by_digest, {"digest": digest}).one_or_none()
        return None if found is None else _login(found)

    def by_id(self, login_id: str) -> Login | None:
        found = self._connection.execute(_login_by_id, {"this_login": login_id}).one_or_none()
        return None if found is None else _login(found)

    def of_user(self, user_id: int, limit: int) -> list[Login]:
        rows = self._connection.execute(_logins_of_user, {"this_user": user_id, "limit": limit})
        return [_login(row) for row in rows]

    def save(self, login: Login) -> None:
        changed = {"this_login": login.login_id, **_login_row(login)}
        self._connection.execute(_save_login, changed)

    def revoke(self, login_id: str, at: datetime) -> None:
        revoked = {"this_login": login_id, "revoked_at": to_ms(at)}
        self._connection.execute(_revoke, revoked)

    def revoke_all(self, user_id: int, at: datetime) -> list[str]:
        revoked = {"this_user": user_id, "revoked_at": to_ms(at)}
        return self._connection.execute(_revoke_all, revoked).scalars()

    def revoked_since(self, moment: datetime) -> list[str]:
        return self._connection.execute(_revoked_since, {"moment": to_ms(moment)}).scalars()


def _login_row(login: Login) -> dict[str, Any]:
    return {
        "login_id": login.login_id,
        "user_id": login.user_id,
        "refresh_digest": login.refresh_digest,
        "previous_digest": login.previous_digest,
        "rotated_at": to_ms(login.rotated_at),
        "expires_at": to_ms(login.expires_at),
        "revoked_at": None if login.revoked_at is None else to_ms(login.revoked_at),
    }


def _login(row: Any) -> Login:
    return Login(
        login_id=row.login_id,
        user_id=row.user_id,
        refresh_digest=row.refresh_digest,
        previous_digest=row.previous_digest,
        rotated_at=from_ms(row.rotated_at),
        expires_at=from_ms(row.expires_at),
        revoked_at=None if row.revoked_at is None else from_ms(row.revoked_at),
    )
