"""Token service: opens logins, issues access and refresh tokens, and rotates refresh tokens.

Token rotation (RFC 9700, section 4.14.2): every refresh issues a new refresh token and invalidates
the one before. The login stores the digests of both. If a token is used again within RETRY_GRACE,
the client did not get the answer and retries, so it gets new tokens. If it is used later, it was
copied, and the login is revoked (`application.use_cases.accounts.refresh_login`). Older tokens are
unknown, like any invalid token.
"""

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
    """Account and player, as front ends display them after the sign-in."""

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
    """The tokens of a login. `expires_in` is the lifetime of the access token in seconds; the
    refresh token can be used once."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"  # noqa: S105 (not a password)
    expires_in: int
    user: SignedInUser


@frozen(kw_only=True)
class TokenLifetimes:
    """How long access tokens and refresh tokens are valid."""

    access: timedelta = timedelta(hours=1)
    refresh: timedelta = timedelta(days=30)


RETRY_GRACE = timedelta(seconds=30)
"""For how long after its use a refresh token is accepted again, as a retry by the client."""


@frozen
class TokenService:
    """Opens and extends logins. All methods run in the transaction of the caller."""

    _tokens: Tokens
    _clock: Clock
    _ids: Ids
    _lifetimes: TokenLifetimes

    def open(self, stores: Stores, account: Account) -> SignedIn:
        """Open a new login, for one more device of the user."""
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

    def rotate(self, stores: Stores, account: Account, login: Login) -> SignedIn:
        """Extend the login and issue new tokens; the current refresh token becomes the previous
        one."""
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


def digest(refresh_token: str) -> str:
    """The digest that is stored instead of the refresh token. The token has 192 random bits, so a
    fast unsalted hash is sufficient."""
    return sha256(refresh_token.encode()).hexdigest()
