"""Accounts and logins."""

from datetime import datetime
from typing import Any

from attrs import frozen
from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from adapters.outbound.sql.stores.times import from_ms, to_ms
from adapters.outbound.sql.tables import accounts, logins
from application.ports.stores.accounts import AccountStore
from application.ports.stores.logins import LoginStore
from domain.account import Account, Login, Role
from domain.errors import Conflict

_by_site_id = select(accounts).where(accounts.c.site_id_folded == bindparam("folded"))
_by_user_id = select(accounts).where(accounts.c.user_id == bindparam("user_id"))


@frozen
class SqlAccountStore(AccountStore):
    _connection: Connection

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
        statement = insert(accounts).returning(accounts.c.user_id)
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
            return int(self._connection.execute(statement, values).scalar_one())
        except IntegrityError as error:
            raise Conflict("this site id is taken", code="site_id_taken") from error

    def by_site_id(self, site_id: str) -> Account | None:
        found = self._connection.execute(_by_site_id, {"folded": site_id.casefold()})
        return _account(found.one_or_none())

    def by_user_id(self, user_id: int) -> Account | None:
        found = self._connection.execute(_by_user_id, {"user_id": user_id})
        return _account(found.one_or_none())

    def set_credentials(self, user_id: int, *, password_hash: str, role: Role) -> None:
        changed = update(accounts).where(accounts.c.user_id == user_id)
        self._connection.execute(changed.values(password_hash=password_hash, role=role.value))


def _account(row: Row[Any] | None) -> Account | None:
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
    _connection: Connection

    def add(self, login: Login) -> None:
        self._connection.execute(insert(logins), _login_row(login))

    def lock_by_digest(self, digest: str) -> Login | None:
        current_or_previous = or_(
            logins.c.refresh_digest == digest, logins.c.previous_digest == digest
        )
        found = self._connection.execute(
            select(logins).where(current_or_previous).with_for_update()
        ).one_or_none()
        return None if found is None else _login(found)

    def save(self, login: Login) -> None:
        changed = update(logins).where(logins.c.login_id == login.login_id)
        self._connection.execute(changed.values(_login_row(login)))

    def revoke(self, login_id: str, at: datetime) -> None:
        valid = logins.c.login_id == login_id, logins.c.revoked_at.is_(None)
        self._connection.execute(update(logins).where(*valid).values(revoked_at=to_ms(at)))

    def revoke_all(self, user_id: int, at: datetime) -> list[str]:
        valid = logins.c.user_id == user_id, logins.c.revoked_at.is_(None)
        revoked = update(logins).where(*valid).values(revoked_at=to_ms(at))
        return list(self._connection.execute(revoked.returning(logins.c.login_id)).scalars())

    def revoked_since(self, moment: datetime) -> list[str]:
        revoked = select(logins.c.login_id).where(logins.c.revoked_at >= to_ms(moment))
        return list(self._connection.execute(revoked).scalars())


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


def _login(row: Row[Any]) -> Login:
    return Login(
        login_id=row.login_id,
        user_id=row.user_id,
        refresh_digest=row.refresh_digest,
        previous_digest=row.previous_digest,
        rotated_at=from_ms(row.rotated_at),
        expires_at=from_ms(row.expires_at),
        revoked_at=None if row.revoked_at is None else from_ms(row.revoked_at),
    )
