"""How many connections an address may have, and how many it may open."""

import logging
from collections import Counter
from collections.abc import Iterable

from attrs import frozen

from adapters.inbound.server.client_address import AddressPolicy, address_key
from application.ports.rate_limiter import RateLimit, RateLimiter
from application.ports.telemetry import Counted, Telemetry
from domain.errors import TooManyRequests

logger = logging.getLogger("synchub.limits")

RETRY_AFTER_S = 10.0
"""When to try again: nobody knows when a connection will end."""

MAX_WARNINGS = 100
"""Addresses that operators are warned about; a flood of them is not to fill the log."""

OFFENCE = 20
"""What a connection that broke its budget before anybody signed in costs, in connections."""


@frozen(kw_only=True)
class Origin:
    """Where a connection comes from: `client` is host and port, for ASGI scopes; `key` is what it
    counts under, None for a proxy, whose clients are counted instead."""

    client: tuple[str, int] | None = None
    key: str | None = None


UNKNOWN = Origin()


class AddressLimits:
    """Counts connections by address, on this node. A connection counts until it has left, also if
    it was refused: it may still be sent an answer."""

    def __init__(
        self,
        limiter: RateLimiter,
        telemetry: Telemetry,
        policy: AddressPolicy,
        *,
        sockets: int,
        handshakes: RateLimit,
    ) -> None:
        self._limiter = limiter
        self._telemetry = telemetry
        self.policy = policy
        self._sockets = sockets
        self._handshakes = handshakes
        self._open: Counter[str] = Counter()
        self._warned: set[str] = set()
        self._lasting: dict[str, Origin] = {}

    def enter(self, client: tuple[str, int]) -> tuple[Origin, TooManyRequests | None]:
        """One more connection of this client, and why it is refused, if it is."""
        key = address_key(client[0])
        origin = Origin(client=client, key=key)
        self._open[key] += 1
        if self._open[key] > self._sockets:
            self._telemetry.count(Counted.LIMITED, "sockets_per_address")
            self._tell(key, "sockets")
            return origin, TooManyRequests(
                f"at most {self._sockets} connections per address",
                code="too_many_sockets",
                retry_after_s=RETRY_AFTER_S,
            )
        try:
            self._limiter.require(self._handshakes, key)
        except TooManyRequests as refusal:
            self._tell(key, "handshakes")
            return origin, refusal
        return origin, None

    def _tell(self, key: str, limit: str) -> None:
        """Operators are warned once: it may be a proxy that the settings do not name."""
        facts = {"address": key, "limit": limit}
        if key in self._warned or len(self._warned) >= MAX_WARNINGS:
            logger.debug("an address has too many connections", extra=facts)
        else:
            self._warned.add(key)
            logger.warning(
                "an address has too many connections; a proxy must be named in "
                "SYNCHUB_LIMITS_PROXIES",
                extra=facts,
            )

    def named(
        self, origin: Origin, headers: Iterable[tuple[bytes, bytes]]
    ) -> tuple[Origin, TooManyRequests | None]:
        """The same for whom a proxy names in the headers of a handshake."""
        if origin.key is not None or origin.client is None or not self.policy.reads_headers:
            return origin, None
        host = self.policy.client_of(headers)
        if host is None or self.policy.trusts(host):
            return origin, None
        return self.enter((host, 0))

    def lasting(self, origin: Origin) -> Origin:
        """The same without the client, shared by all connections of the address, for the long life
        of a socket."""
        if origin.key is None:
            return UNKNOWN
        if origin.key not in self._open:  # it has left already
            return origin
        return self._lasting.setdefault(origin.key, Origin(key=origin.key))

    def leave(self, origin: Origin) -> None:
        """One connection less."""
        if origin.key is not None:
            self._open[origin.key] -= 1
            if not self._open[origin.key]:
                del self._open[origin.key]
                self._lasting.pop(origin.key, None)

    def far_over(self, origin: Origin) -> bool:
        """Whether there are so many that not even a refusal can be told."""
        return origin.key is not None and self._open[origin.key] > 2 * self._sockets

    def offence(self, origin: Origin) -> None:
        """A stranger broke a budget: the address may connect less often for a while."""
        if origin.key is not None:
            for _ in range(OFFENCE):
                if self._limiter.spend(self._handshakes, origin.key):
                    break
