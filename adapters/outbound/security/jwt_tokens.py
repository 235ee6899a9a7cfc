"""Access tokens as signed JWTs (RFC 7519), verified as RFC 8725 recommends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

import jwt

from application.ports.tokens import Caller, Tokens
from domain.account import Role
from domain.errors import Unauthenticated

ALGORITHM = "HS256"
ISSUER = "unified-sync-hub"
AUDIENCE = "unified-sync-hub"
OPERATOR_AUDIENCE = "unified-sync-hub-admin"
AUDIENCES = {Role.PLAYER: AUDIENCE, Role.ADMIN: OPERATOR_AUDIENCE}
"""A role counts only in a token for its audience: whoever may sign tokens for players can make no
operator (RFC 8725, section 3.9)."""

CACHED = 10_000
"""Size of the cache of verified tokens. A player sends the same token with every request, and
verifying it costs a third of the CPU time of a spin's transaction."""


class JwtTokens(Tokens):
    """Signs with the first secret and accepts all of them, so that secrets can be rotated.

    The `kid` header selects one of our keys; all other headers, `alg` included, are ignored,
    because the sender controls them. Verification results are cached; only the expiry is checked
    each time.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = {_key_id(secret): secret for secret in secrets}
        self._signing_kid = _key_id(secrets[0])
        self._verify_cached = lru_cache(CACHED)(self._verify)

    def issue(self, caller: Caller, issued_at: datetime) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCES[caller.role],
            "sub": str(caller.user_id),
            "sid": caller.login_id,
            "role": caller.role.value,
            "iat": issued_at,
            "exp": caller.expires_at,
        }
        key = self._keys[self._signing_kid]
        return jwt.encode(claims, key, ALGORITHM, headers={"kid": self._signing_kid})

    def verify(self, token: str) -> Caller:
        caller = self._verify_cached(token)
        if caller.expires_at <= datetime.now(UTC):
            raise Unauthenticated("the access token has expired", code="token_expired")
        return caller

    def _verify(self, token: str) -> Caller:
        try:
            key = self._keys[_named_key(token.partition(".")[0])]
            claims = _decode(token, key)
            role = Role(claims["role"])
            if claims["aud"] != AUDIENCES[role]:
                raise jwt.InvalidAudienceError("another audience than that of the role")
            return Caller(
                user_id=int(claims["sub"]),
                login_id=str(claims["sid"]),
                role=role,
                expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated("the access token has expired", code="token_expired") from error
        except (jwt.InvalidTokenError, LookupError, OverflowError, ValueError, TypeError) as error:
            raise Unauthenticated("the access token is not valid", code="token_invalid") from error


def _decode(token: str, key: str) -> dict[str, Any]:
    return jwt.decode(
        token,
        key,
        algorithms=[ALGORITHM],
        issuer=ISSUER,
        options={
            "require": ["exp", "iat", "aud", "iss", "sub", "sid", "role"],
            "verify_aud": False,  # by the role, see `_verify`
            "enforce_minimum_key_length": True,
        },
    )


@lru_cache(16)
def _named_key(header: str) -> str:
    """The `kid` in an encoded header, not verified. Cached: all tokens of a secret have the
    same."""
    named: str = jwt.get_unverified_header(f"{header}..")["kid"]
    return named


def _key_id(secret: str) -> str:
    return sha256(b"kid:" + secret.encode()).hexdigest()[:12]
