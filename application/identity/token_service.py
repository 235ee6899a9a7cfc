"""Logins, and the tokens that speak for them."""

from datetime import timedelta
from hashlib import sha256

from attrs import evolve, frozen

from application.ports.clock import Clock
from application.ports.ids import Ids
from application.ports.storage.stores import Stores
from application.ports.tokens import Caller, Tokens
from domain.account import Account, Login, Role


@frozen(kw_only=True)
class SignedInUser:
    """The user as the front end shows it right after signing in."""

    id: int
    site_id: str
    nickname: str
    role: Role
    gold: int
    exp: int
    level: int
    tier: str
    total_spent: int


@frozen(kw_only=True)
class SignedIn:
    """`expires_in` is the access token's life in seconds. A refresh token is good once."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 (no password)
    expires_in: int
    user: SignedInUser


@frozen(kw_only=True)
class TokenLifetimes:
    access: timedelta = timedelta(hours=1)
    refresh: timedelta = timedelta(days=30)


RETRY_GRACE = timedelta(seconds=30)
"""How long a used refresh token may come back because its answer was lost."""


@frozen
class TokenService:
    """Opens, prolongs and shows logins, within a transaction of its caller."""

    _tokens: Tokens
    _clock: Clock
    _ids: Ids
    _lifetimes: TokenLifetimes

    def open(self, stores: Stores, account: Account) -> SignedIn:
        """A new login on one more device."""
        now, secret = self._clock.now(), self._ids.secret()
        login = Login(
            login_id=self._ids.secret(),
            user_id=account.user_id,
            refresh_digest=digest(secret),
            rotated_at=now,
            expires_at=now + self._lifetimes.refresh,
        )
        stores.logins.add(login)
        return self._signed_in(stores, account, login, secret)

    def prolong(self, stores: Stores, account: Account, login: Login) -> SignedIn:
        """The same login with fresh tokens; the present refresh token becomes the previous."""
        now, secret = self._clock.now(), self._ids.secret()
        rotated = evolve(
            login,
            refresh_digest=digest(secret),
            previous_digest=login.refresh_digest,
            rotated_at=now,
            expires_at=now + self._lifetimes.refresh,
        )
        stores.logins.save(rotated)
        return self._signed_in(stores, account, rotated, secret)

    def _signed_in(
        self, stores: Stores, account: Account, login: Login, refresh_token: str
    ) -> SignedIn:
        now = self._clock.now()
        caller = Caller(
            user_id=account.user_id,
            login_id=login.login_id,
            role=account.role,
            expires_at=now + self._lifetimes.access,
        )
        return SignedIn(
            access_token=self._tokens.issue(caller, now),
            refresh_token=refresh_token,
            expires_in=int(self._lifetimes.access.total_seconds()),
            user=signed_in_user(stores, account),
        )


def signed_in_user(stores: Stores, account: Account) -> SignedInUser:
    """Account and player together."""
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


def digest(refresh_token: str) -> str:
    """What is stored of a refresh token. The token is random, so a plain hash is enough."""
    return sha256(refresh_token.encode()).hexdigest()
