"""Token service: opens logins, issues access and refresh tokens, and rotates refresh tokens
(`application.identity.refresh_tokens`)."""

import logging
from datetime import datetime, timedelta
from typing import Annotated

from attrs import evolve, frozen

from application.identity.refresh_tokens import (
    TokenUse,
    digest,
    family_digest,
    first_token,
    successor,
    use_of,
)
from application.ports.clock import Clock
from application.ports.ids import Ids
from application.ports.storage.stores import Stores
from application.ports.tokens import Caller, Tokens
from domain.account import Account, AccountStatus, Login, Role
from domain.constraints import Description
from domain.errors import Forbidden, Unauthenticated

logger = logging.getLogger("synchub.sign_in")


@frozen(kw_only=True)
class SignedInUser:
    """Account and player, as front ends display them after the sign-in."""

    id: Annotated[int, Description("The id of the user.")]
    site_id: Annotated[str, Description("The name for signing in.")]
    nickname: Annotated[str, Description("The name that others see.")]
    role: Annotated[Role, Description("The role of the account.")]
    gold: Annotated[int, Description("The balance, in gold.")]
    exp: Annotated[int, Description("Exp points.")]
    level: Annotated[int, Description("`exp` // 500 + 1.")]
    tier: Annotated[str, Description("The loyalty tier: `bronze`, `silver`, `gold` or `platinum`.")]
    total_spent: Annotated[int, Description("Gold spent in the shop.")]


@frozen(kw_only=True)
class SignedIn:
    """The tokens of a login. `expires_in` is the lifetime of the access token in seconds; the
    refresh token can be used once."""

    access_token: Annotated[str, Description("The token for `Authorization: Bearer`.")]
    refresh_token: Annotated[str, Description("Gets new tokens, once.")]
    token_type: Annotated[str, Description("Always `bearer`.")] = "bearer"  # noqa: S105 (not a password)
    expires_in: Annotated[int, Description("The life of the access token, in seconds.")]
    user: Annotated[SignedInUser, Description("The account and its player.")]


@frozen(kw_only=True)
class TokenLifetimes:
    """How long access tokens and refresh tokens are valid, and how long a login can be extended."""

    access: timedelta = timedelta(minutes=15)
    refresh: timedelta = timedelta(days=30)
    login: timedelta = timedelta(days=180)


@frozen
class TokenService:
    """Opens and extends logins. All methods run in the transaction of the caller."""

    _tokens: Tokens
    _clock: Clock
    _ids: Ids
    _lifetimes: TokenLifetimes

    def open(self, stores: Stores, account: Account) -> SignedIn:
        """Open a new login, for one more device of the user. The account is that whose password was
        verified; Unauthenticated (`invalid_credentials`) if it has changed since or was deleted,
        Forbidden (`account_blocked`) if it is blocked."""
        current = stores.accounts.lock(account.user_id)
        if current is None or current.version != account.version:
            raise Unauthenticated("unknown site id or wrong password", code="invalid_credentials")
        if current.status is not AccountStatus.ACTIVE:
            facts = {"user": current.user_id, "status": current.status.value}
            logger.info("sign-in refused", extra=facts)
        check_usable(current, deleted_code="invalid_credentials")
        now = self._clock.now()
        token = first_token(self._ids.secret(), self._ids.secret())
        login = Login(
            login_id=self._ids.secret(),
            user_id=account.user_id,
            family_digest=family_digest(token),
            refresh_digest=digest(token),
            rotated_at=now,
            expires_at=now + min(self._lifetimes.refresh, self._lifetimes.login),
            ends_at=now + self._lifetimes.login,
        )
        stores.logins.add(login)
        return self._signed_in(stores, account, login, token)

    def refresh(
        self, stores: Stores, account: Account, login: Login, token: str
    ) -> SignedIn | None:
        """Extend the login and issue new tokens for this refresh token, one of the login's; None if
        it was used before, and not just now."""
        now = self._clock.now()
        match use_of(token, login, now):
            case TokenUse.ROTATION:
                return self._rotated(stores, account, login, token, now)
            case TokenUse.RETRY:
                assert login.successor_salt is not None, "see use_of"
                again = successor(token, login.successor_salt)
                return self._signed_in(stores, account, login, again)
            case TokenUse.REUSE:
                return None

    def _rotated(
        self, stores: Stores, account: Account, login: Login, token: str, now: datetime
    ) -> SignedIn:
        salt = self._ids.secret()
        new = successor(token, salt)
        ends_at = login.ends_at or now + self._lifetimes.login
        rotated = evolve(
            login,
            family_digest=family_digest(token),
            refresh_digest=digest(new),
            previous_digest=digest(token),
            successor_salt=salt,
            rotated_at=now,
            expires_at=min(now + self._lifetimes.refresh, ends_at),
            ends_at=ends_at,
        )
        stores.logins.save(rotated)
        return self._signed_in(stores, account, rotated, new)

    def _signed_in(
        self, stores: Stores, account: Account, login: Login, refresh_token: str
    ) -> SignedIn:
        now = self._clock.now()
        caller = Caller(
            user_id=account.user_id,
            login_id=login.login_id,
            role=account.role,
            version=account.version,
            expires_at=min(now + self._lifetimes.access, login.expires_at),
        )
        return SignedIn(
            access_token=self._tokens.issue(caller, now),
            refresh_token=refresh_token,
            expires_in=int((caller.expires_at - now).total_seconds()),
            user=signed_in_user(stores, account),
        )


def signed_in_user(stores: Stores, account: Account) -> SignedInUser:
    """Combine the account with its player."""
    player = stores.players.get(account.user_id)
    return SignedInUser(
        id=account.user_id,
        site_id=account.site_id,
        nickname=player.nickname,
        role=account.role,
        gold=player.gold,
        exp=player.exp,
        level=player.level,
        tier=player.tier,
        total_spent=player.total_spent,
    )


def check_usable(account: Account, *, deleted_code: str) -> None:
    """Forbidden (`account_blocked`) if the account is blocked; Unauthenticated (`deleted_code`, the
    same as for an account that never existed) if it was deleted."""
    if account.status is AccountStatus.DELETED:
        raise Unauthenticated("there is no such account", code=deleted_code)
    if account.status is AccountStatus.BLOCKED:
        raise Forbidden("this account is blocked", code="account_blocked")
