"""LoginStore on SQL."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from attrs import frozen
from sqlalchemy import bindparam, delete, insert, or_, select, update

from adapters.outbound.sql.connections import SqlConnection
from adapters.outbound.sql.stores.slots import filled, slots
from adapters.outbound.sql.stores.times import from_ms, to_ms
from adapters.outbound.sql.tables import logins
from application.ports.storage.logins import LoginStore
from domain.account import Login

_insert = insert(logins)
_locked_by_digest = (
    select(logins)
    .where(
        or_(
            logins.c.family_digest == bindparam("family"),
            logins.c.refresh_digest == bindparam("token"),
            logins.c.previous_digest == bindparam("token"),
        )
    )
    .with_for_update()
)
_by_id = select(logins).where(logins.c.login_id == bindparam("this_login"))
_of_user = (
    select(logins)
    .where(logins.c.user_id == bindparam("this_user"))
    .order_by(logins.c.rotated_at.desc(), logins.c.login_id)
    .limit(bindparam("limit"))
)
_save = update(logins).where(logins.c.login_id == bindparam("this_login"))
_revoke = _save.where(logins.c.revoked_at.is_(None)).returning(logins.c.login_id)
_revoke_all = (
    update(logins)
    .where(
        logins.c.user_id == bindparam("this_user"),
        logins.c.revoked_at.is_(None),
        logins.c.login_id != bindparam("kept"),
    )
    .returning(logins.c.login_id)
)
_revoked_since = select(logins.c.login_id).where(logins.c.revoked_at >= bindparam("moment"))
_revoked_by_id = _revoked_since.where(logins.c.login_id.in_(slots("login")))
_revoked_by_user = _revoked_since.where(logins.c.user_id.in_(slots("user")))
_delete_expired = (
    delete(logins)
    .where(
        logins.c.login_id.in_(
            select(logins.c.login_id)
            .where(logins.c.expires_at < bindparam("before"))
            .order_by(logins.c.expires_at)
            .limit(bindparam("limit"))
            .with_for_update(skip_locked=True)
        )
    )
    .returning(logins.c.login_id)
)


@frozen
class SqlLoginStore(LoginStore):
    """Logins, in the table `logins`."""

    _connection: SqlConnection

    def add(self, login: Login) -> None:
        self._connection.execute(_insert, _login_row(login))

    def lock_by_digest(self, family_digest: str, token_digest: str) -> Login | None:
        digests = {"family": family_digest, "token": token_digest}
        found = self._connection.execute(_locked_by_digest, digests).one_or_none()
        return None if found is None else _login(found)

    def by_id(self, login_id: str) -> Login | None:
        found = self._connection.execute(_by_id, {"this_login": login_id}).one_or_none()
        return None if found is None else _login(found)

    def of_user(self, user_id: int, limit: int) -> list[Login]:
        rows = self._connection.execute(_of_user, {"this_user": user_id, "limit": limit})
        return [_login(row) for row in rows]

    def save(self, login: Login) -> None:
        changed = {"this_login": login.login_id, **_login_row(login)}
        self._connection.execute(_save, changed)

    def revoke(self, login_id: str, at: datetime) -> bool:
        revoked = {"this_login": login_id, "revoked_at": to_ms(at)}
        return bool(self._connection.execute(_revoke, revoked))

    def revoke_all(
        self, user_id: int, at: datetime, *, except_login: str | None = None
    ) -> list[str]:
        revoked = {"this_user": user_id, "revoked_at": to_ms(at), "kept": except_login or ""}
        return self._connection.execute(_revoke_all, revoked).scalars()

    def revoked_since(self, moment: datetime) -> list[str]:
        return self._connection.execute(_revoked_since, {"moment": to_ms(moment)}).scalars()

    def revoked_among(
        self, login_ids: Iterable[str], user_ids: Iterable[int], moment: datetime
    ) -> list[str]:
        since = {"moment": to_ms(moment)}
        found: set[str] = set()
        for some in filled("login", login_ids):
            found.update(self._connection.execute(_revoked_by_id, {**since, **some}).scalars())
        for some in filled("user", user_ids):
            found.update(self._connection.execute(_revoked_by_user, {**since, **some}).scalars())
        return list(found)

    def delete_expired(self, moment: datetime, limit: int) -> int:
        before = {"before": to_ms(moment), "limit": limit}
        return len(self._connection.execute(_delete_expired, before))


def _login_row(login: Login) -> dict[str, Any]:
    return {
        "login_id": login.login_id,
        "user_id": login.user_id,
        "family_digest": login.family_digest,
        "refresh_digest": login.refresh_digest,
        "previous_digest": login.previous_digest,
        "successor_salt": login.successor_salt,
        "rotated_at": to_ms(login.rotated_at),
        "expires_at": to_ms(login.expires_at),
        "ends_at": None if login.ends_at is None else to_ms(login.ends_at),
        "revoked_at": None if login.revoked_at is None else to_ms(login.revoked_at),
    }


def _login(row: Any) -> Login:
    return Login(
        login_id=row.login_id,
        user_id=row.user_id,
        family_digest=row.family_digest,
        refresh_digest=row.refresh_digest,
        previous_digest=row.previous_digest,
        successor_salt=row.successor_salt,
        rotated_at=from_ms(row.rotated_at),
        expires_at=from_ms(row.expires_at),
        ends_at=None if row.ends_at is None else from_ms(row.ends_at),
        revoked_at=None if row.revoked_at is None else from_ms(row.revoked_at),
    )
