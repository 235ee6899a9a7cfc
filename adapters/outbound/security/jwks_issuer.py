"""ExternalIssuer on a JWK Set (RFC 7517, section 5) that the issuer publishes."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import httpx
import jwt
from attrs import frozen

from adapters.outbound.security.jwt_decoding import INVALID, JwtDecoding, refusal
from adapters.outbound.security.jwt_keys import JwtKey, jwk_key
from application.ports.clock import Clock
from application.ports.external_issuer import ExternalIdentity, ExternalIssuer
from application.ports.telemetry import Counted, Telemetry

logger = logging.getLogger("synchub.keys")

FETCH_S = 5.0
"""Limit of a fetch."""

FETCH_BYTES = 256 * 1024
"""Limit of a key set."""

CACHED = 10_000
"""For how many tokens, ours included, it is remembered whose they are."""

UNKNOWN_KEY_S = 30.0
"""At most so often keys are fetched because a token names an unknown one: anybody can send one."""


@frozen(kw_only=True)
class JwksAccess:
    """The issuer, as the settings describe it. `user_claim` holds the id of our user."""

    url: str
    issuer: str
    audience: str
    algorithms: Sequence[str]
    user_claim: str = "sub"
    leeway_s: float = 0


class JwksIssuer(ExternalIssuer):
    """See the port. A key verifies tokens of its own algorithm only, which must be allowed."""

    def __init__(self, access: JwksAccess, clock: Clock, telemetry: Telemetry) -> None:
        self._access = access
        self._decoding = JwtDecoding(
            issuer=access.issuer, audience=access.audience, leeway_s=access.leeway_s
        )
        self._clock = clock
        self._telemetry = telemetry
        self._claims_cached = lru_cache(CACHED)(self._claims)
        self._keys: Mapping[str, JwtKey] = {}
        self._fetching: asyncio.Task[None] | None = None
        self._fetched_at: float | None = None
        """When the last fetch began, in monotonic seconds."""

    def claims(self, token: str) -> bool:
        return self._claims_cached(token)

    def _claims(self, token: str) -> bool:
        try:
            named = jwt.decode(token, options={"verify_signature": False})
        except (jwt.InvalidTokenError, ValueError, RecursionError):
            return False
        return bool(named.get("iss") == self._access.issuer)

    async def verify(self, token: str) -> ExternalIdentity:
        try:
            kid = jwt.get_unverified_header(token)["kid"]
            if kid not in self._keys:
                await self._fetch_soon()
            said = self._decoding.claims(token, self._keys[kid])
            return ExternalIdentity(
                user_id=int(said[self._access.user_claim]),
                issued_at=datetime.fromtimestamp(said["iat"], UTC),
                expires_at=datetime.fromtimestamp(said["exp"], UTC),
            )
        except INVALID as error:
            raise refusal(error) from error

    async def _fetch_soon(self) -> None:
        """Wait for the fetch under way, or begin one unless the last one is too recent."""
        if self._fetching is None or self._fetching.done():
            now = self._clock.monotonic()
            if self._fetched_at is not None and now - self._fetched_at < UNKNOWN_KEY_S:
                return
            self._fetching = asyncio.create_task(self.refresh(), name="fetch keys")
        await asyncio.shield(self._fetching)

    async def refresh(self) -> None:
        self._fetched_at = self._clock.monotonic()
        try:
            async with asyncio.timeout(FETCH_S):
                keys = self._usable(await self._fetch())
        except (TimeoutError, httpx.HTTPError, ValueError, RecursionError) as error:
            self._telemetry.count(Counted.KEY_FETCHES, "failed")
            why = str(error) or type(error).__name__
            logger.warning("the keys of the issuer cannot be fetched", extra={"why": why})
            return
        self._telemetry.count(Counted.KEY_FETCHES, "fetched")
        if keys.keys() != self._keys.keys():
            logger.info("the issuer has other keys", extra={"keys": sorted(keys)})
        self._keys = keys

    async def _fetch(self) -> bytes:
        """The key set; redirects are not followed, since only the configured host is trusted."""
        async with (
            httpx.AsyncClient(timeout=FETCH_S, trust_env=False) as client,
            client.stream("GET", self._access.url) as response,
        ):
            if response.status_code != 200:
                raise ValueError(f"status {response.status_code}")
            content = b""
            async for part in response.aiter_bytes():
                content += part
                if len(content) > FETCH_BYTES:
                    raise ValueError(f"more than {FETCH_BYTES} bytes")
            return content

    def _usable(self, content: bytes) -> dict[str, JwtKey]:
        found = json.loads(content)
        jwks = found.get("keys") if isinstance(found, dict) else None
        if not isinstance(jwks, list):
            raise ValueError("no key set")
        parsed = [jwk_key(jwk, self._access.algorithms) for jwk in jwks if isinstance(jwk, dict)]
        keys = {key.kid: key for key in parsed if key is not None}
        if not keys:
            raise ValueError("no usable key")
        return keys
