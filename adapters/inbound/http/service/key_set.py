"""`/.well-known/jwks.json`: the public keys of our access tokens."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from attrs import frozen
from litestar import get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler

from adapters.inbound.access.guards import PUBLIC
from application.ports.tokens import Tokens
from domain.constraints import Description

CACHED = CacheControlHeader(public=True, max_age=300)
"""A new key is listed before it signs: see `docs/tokens.md` for how long."""


@frozen
class KeySet:
    """A JWK Set (RFC 7517, section 5); empty where access tokens are signed with a secret."""

    keys: Annotated[Sequence[Mapping[str, str]], Description("The keys (RFC 7517, section 4).")]


@get(
    "/.well-known/jwks.json",
    operation_id="getKeySet",
    tags=["Sign-in"],
    cache_control=CACHED,
    **PUBLIC,
)
async def get_key_set(tokens: NamedDependency[Tokens]) -> KeySet:
    """The keys with which other services can verify our access tokens."""
    return KeySet(tokens.public_keys())


KEY_SET_HANDLERS: Sequence[HTTPRouteHandler] = [get_key_set]
