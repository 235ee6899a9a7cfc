"""`/.well-known/jwks.json`: the public keys of our access tokens."""

from collections.abc import Mapping, Sequence

from attrs import frozen
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from adapters.inbound.access.guards import PUBLIC
from application.ports.tokens import Tokens

CACHED = {"Cache-Control": "public, max-age=300"}
"""A new key is listed before it signs: see `docs/tokens.md` for how long."""


@frozen
class KeySet:
    """A JWK Set (RFC 7517, section 5); empty where access tokens are signed with a secret."""

    keys: Sequence[Mapping[str, str]]


@get("/.well-known/jwks.json", tags=["Sign-in"], **PUBLIC)
async def get_key_set(tokens: NamedDependency[Tokens]) -> Response[KeySet]:
    """The keys with which other services can verify our access tokens."""
    return Response(KeySet(tokens.public_keys()), headers=CACHED)


KEY_SET_HANDLERS: Sequence[HTTPRouteHandler] = [get_key_set]
