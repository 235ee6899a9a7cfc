"""How every access token is verified, whoever issued it (RFC 8725)."""

from collections.abc import Sequence
from typing import Any

import jwt
from attrs import frozen

from adapters.outbound.security.jwt_keys import JwtKey
from domain.errors import Unauthenticated

REQUIRED = ("exp", "iat", "aud", "iss", "sub")


@frozen(kw_only=True)
class JwtDecoding:
    """What tokens of one issuer must say. `audience`: None if the caller checks it. `requires`:
    claims besides REQUIRED."""

    issuer: str
    leeway_s: float
    audience: str | None = None
    requires: Sequence[str] = ()

    def claims(self, token: str, key: JwtKey) -> dict[str, Any]:
        """The claims of a token that this key has signed, by the key's own algorithm whatever the
        header names. jwt.InvalidTokenError if it is not valid."""
        return jwt.decode(
            token,
            key.verifies,
            algorithms=[key.algorithm],
            issuer=self.issuer,
            audience=self.audience,
            leeway=self.leeway_s,
            options={
                "require": [*REQUIRED, *self.requires],
                "verify_aud": self.audience is not None,
                "enforce_minimum_key_length": True,
            },
        )


def refusal(error: Exception) -> Unauthenticated:
    """What a caller is told whose token made verification raise one of INVALID."""
    if isinstance(error, jwt.ExpiredSignatureError):
        return Unauthenticated("the access token has expired", code="token_expired")
    return Unauthenticated("the access token is not valid", code="token_invalid")


INVALID = (jwt.InvalidTokenError, LookupError, OverflowError, ValueError, TypeError)
"""Whatever a token can make verification raise."""
