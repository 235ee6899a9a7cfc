"""What stands before the application: whose request it is, and how many an address may send."""

from collections.abc import Mapping
from typing import Any

from adapters.inbound.server.client_address import AddressPolicy, address_key
from adapters.inbound.server.cors import Cors
from adapters.inbound.server.refusals import PROBLEM, limit_headers, too_many_body
from application.ports.rate_limiter import RateLimit, RateLimiter
from domain.errors import TooManyRequests


class RequestLimits:
    """An ASGI application around another. WebSockets are counted by their transport."""

    def __init__(
        self,
        app: Any,
        policy: AddressPolicy,
        limiter: RateLimiter,
        requests: RateLimit,
        cors: Cors,
    ) -> None:
        self._app = app
        self._policy = policy
        self._limiter = limiter
        self._requests = requests
        self._cors = cors

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Put the client into the scope; answer 429 where its address has sent too much."""
        if scope["type"] == "http" and scope["client"] is not None:
            policy, host = self._policy, scope["client"][0]
            if policy.reads_headers and policy.trusts(host):
                named = policy.client_of(scope["headers"])
                if named is not None:
                    host = named
                    scope["client"] = (host, 0)
            if not policy.trusts(host):
                try:
                    self._limiter.require(self._requests, address_key(host))
                except TooManyRequests as refusal:
                    await self._refuse(scope, send, refusal)
                    return
        await self._app(scope, receive, send)

    async def _refuse(self, scope: Any, send: Any, refusal: TooManyRequests) -> None:
        """The connection is closed with it, so that going on costs a new one."""
        preflight = self._cors.preflight(scope["method"], scope["headers"])
        if preflight is not None:
            await _answer(send, 204, preflight)
            return
        body = too_many_body(refusal)
        headers = {
            **limit_headers(refusal),
            **self._cors.headers(scope["headers"]),
            "Content-Type": PROBLEM,
            "Content-Length": str(len(body)),
        }
        await _answer(send, 429, headers, body)


async def _answer(send: Any, status: int, headers: Mapping[str, str], body: bytes = b"") -> None:
    named = {**headers, "Connection": "close"}
    encoded = [(name.lower().encode(), value.encode()) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
