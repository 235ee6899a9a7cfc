"""Refresh tokens: what they are made of, and what their use means.

A token is `<family secret>.<own secret>`. The first part is the same in all tokens of a login, so
any token of the login, however old, is recognized by its digest; nothing else has to be stored of
old ones. Only who has had a token of the family can name that part, so nobody else can end it.

Token rotation (RFC 9700, section 4.14.2): the use of the current token makes it the previous one,
and its successor the current one. The successor is a keyed hash of its predecessor; the key is a
random salt that is stored with the login. So a client that did not get the answer, and two tabs
that refresh at once, all get the same successor, and the next use of it is no reuse. The salt
alone, or a token alone, tells nothing.

| presented | within RETRY_GRACE of its first use | later |
|---|---|---|
| the current token | rotated | rotated |
| the previous token | a retry: its successor again | reuse: the login ends |
| any earlier token | reuse: the login ends | reuse: the login ends |

So if a thief and the owner both go on using a login, one of them soon presents a token that the
other has used before, and it ends for both. Two that always refresh within RETRY_GRACE of each
other look like two tabs; this lasts until the end of the login at most (`Login.ends_at`).
"""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from enum import Enum, auto
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_digest

from domain.account import Login

RETRY_GRACE = timedelta(seconds=30)
"""For how long after its first use a refresh token is accepted again, as a retry by the client."""


class TokenUse(Enum):
    """What it means that a token of a family is presented; see the module."""

    ROTATION = auto()
    RETRY = auto()
    REUSE = auto()


def first_token(family_secret: str, own_secret: str) -> str:
    """The first refresh token of a new login. Both secrets are URL-safe, without dots."""
    return f"{family_secret}.{own_secret}"


def successor(token: str, salt: str) -> str:
    """The token that replaces this one."""
    hashed = hmac_digest(salt.encode(), token.encode(), "sha256")
    return f"{_family(token)}.{urlsafe_b64encode(hashed).rstrip(b'=').decode()}"


def use_of(token: str, login: Login, now: datetime) -> TokenUse:
    """What this use of a token means; the login was found by one of its digests."""
    presented = digest(token)
    if compare_digest(presented, login.refresh_digest):
        return TokenUse.ROTATION
    previous = login.previous_digest is not None and compare_digest(
        presented, login.previous_digest
    )
    if not previous or now - login.rotated_at > RETRY_GRACE:
        return TokenUse.REUSE
    # A rotation by a node of the version before left no salt: it cannot be repeated.
    return TokenUse.ROTATION if login.successor_salt is None else TokenUse.RETRY


def digest(token: str) -> str:
    """The digest that is stored instead of the token. Its secrets have at least 192 random bits, so
    a fast unsalted hash is sufficient."""
    return sha256(token.encode()).hexdigest()


def family_digest(token: str) -> str:
    """The digest of the family secret. A token from before families is its own family."""
    return digest(_family(token))


def _family(token: str) -> str:
    return token.partition(".")[0]
