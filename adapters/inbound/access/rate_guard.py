"""How often callers may call: the guard after the one that admits them.

Each user has one limit for all requests. A public route may name a limit of its own, per address:
`rate_limit="…"` on the handler.
"""

import logging
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from adapters.inbound.server.client_address import AddressPolicy, address_key
from application.ports.rate_limiter import RateLimit, RateLimiter
from application.ports.tokens import Caller
from domain.errors import TooManyRequests

logger = logging.getLogger("synchub.limits")


@frozen
class RateGuard:
    """`per_address` holds the limits that handlers name."""

    _limiter: RateLimiter
    _policy: AddressPolicy
    _per_user: RateLimit
    _per_address: Mapping[str, RateLimit]

    def guard(self) -> Guard:
        """For the whole application."""

        async def enforce(
            connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
        ) -> None:
            caller: Caller | None = connection.scope.get("user")
            if caller is not None:
                self._require(self._per_user, str(caller.user_id))
            named, client = handler.opt.get("rate_limit"), connection.client
            if named is not None and client is not None and not self._policy.trusts(client.host):
                self._require(self._per_address[named], address_key(client.host))

        return enforce

    def _require(self, limit: RateLimit, key: str) -> None:
        try:
            self._limiter.require(limit, key)
        except TooManyRequests:
            logger.debug("too many requests", extra={"limit": limit.name, "key": key})
            raise
