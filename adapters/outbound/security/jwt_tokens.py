"""Access tokens as signed JWTs (RFC 7519, RFC 9068), verified as RFC 8725 demands.

`docs/tokens.md` goes through RFC 8725 point by point, and names the test of each.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import jwt

from adapters.outbound.security.jwt_decoding import INVALID, JwtDecoding, refusal
from adapters.outbound.security.jwt_keys import JwtKey
from application.ports.tokens import Caller, Tokens
from domain.account import Role
from domain.errors import Unauthenticated

ISSUER = "unified-sync-hub"
AUDIENCE = "unified-sync-hub"
OPERATOR_AUDIENCE = "unified-sync-hub-admin"
AUDIENCES = {Role.PLAYER: AUDIENCE, Role.ADMIN: OPERATOR_AUDIENCE}
"""A role counts only in a token for its audience: whoever may sign tokens for players can make no
operator (RFC 8725, section 3.9)."""
TYPE = "at+jwt"
"""The type of access tokens (RFC 9068, section 2.1), so that no other JWT passes for one."""

CACHED = 10_000
"""Size of the cache of verified tokens. A player sends the same token with every request, and
verifying it costs a third of the CPU time of a spin's transaction."""

_OUR_CLAIMS = ("sid", "role", "ver")


class JwtTokens(Tokens):
    """Signs with the first key that can sign, and accepts all of them, so that keys can be rotated.

    The `kid` header selects one of our keys, and the key determines the algorithm. All other
    headers are ignored except `typ`, because the sender controls them. Verification results are
    cached; only the expiry is checked each time. `leeway_s` is how far the clock of the node that
    issued a token may be ahead; it does not prolong a token.
    """

    def __init__(self, keys: Sequence[JwtKey], leeway_s: float = 0) -> None:
        self._keys = {key.kid: key for key in reversed(keys)}
        self._signing = next(key for key in keys if key.signs is not None)
        self._decoding = JwtDecoding(issuer=ISSUER, leeway_s=leeway_s, requires=_OUR_CLAIMS)
        """The audience follows from the role, see `_verify`."""
        self._verify_cached = lru_cache(CACHED)(self._verify)

    def issue(self, caller: Caller, issued_at: datetime) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCES[caller.role],
            "sub": str(caller.user_id),
            "sid": caller.login_id,
            "role": caller.role.value,
            "ver": caller.version,
            "iat": issued_at,
            "exp": caller.expires_at,
        }
        key = self._signing
        headers = {"kid": key.kid, "typ": TYPE}
        return jwt.encode(claims, key.signs, key.algorithm, headers=headers)

    def verify(self, token: str) -> Caller:
        caller = self._verify_cached(token)
        if caller.expires_at <= datetime.now(UTC):
            raise Unauthenticated("the access token has expired", code="token_expired")
        return caller

    def public_keys(self) -> Sequence[Mapping[str, str]]:
        return [key.public for key in self._keys.values() if key.public is not None]

    def _verify(self, token: str) -> Caller:
        try:
            key = self._keys[_key_id(token.partition(".")[0])]
            claims = self._decoding.claims(token, key)
            role = Role(claims["role"])
            if claims["aud"] != AUDIENCES[role]:
                raise jwt.InvalidAudienceError("another audience than that of the role")
            return Caller(
                user_id=int(claims["sub"]),
                login_id=str(claims["sid"]),
                role=role,
                version=_version(claims["ver"]),
                expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            )
        except INVALID as error:
            raise refusal(error) from error


def _version(claimed: object) -> int:
    if isinstance(claimed, int) and not isinstance(claimed, bool):
        return claimed
    raise TypeError("`ver` is a whole number")


@lru_cache(16)
def _key_id(header: str) -> str:
    """The `kid` in an encoded header, not verified. Cached: all tokens of a key have the same.
    ValueError if the type is not that of access tokens."""
    named: dict[str, Any] = jwt.get_unverified_header(f"{header}..")
    if named.get("typ") != TYPE:
        raise ValueError("not an access token")
    kid: str = named["kid"]
    return kid
