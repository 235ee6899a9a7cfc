"""A rate limiter that counts what this node sees.

It stands before every request, so it is a few dictionary look-ups. (The memory storages of the
library that the Redis adapter uses sweep all keys at each hit, in a task or thread of their own,
and keep any number of them.)
"""

from adapters.outbound.rate_limits.windows import Windows
from application.ports.clock import Clock
from application.ports.rate_limiter import RateLimit, RateLimiter
from application.ports.telemetry import Counted, Telemetry

SHARED_PART = 8
"""A key is worth sharing once it has used an eighth of its limit: honest ones never are."""


class MemoryRateLimiter(RateLimiter):
    """Keeps at most `max_keys` keys per limit and window."""

    def __init__(self, clock: Clock, telemetry: Telemetry, max_keys: int) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._max_keys = max_keys
        self._windows: dict[str, Windows] = {}

    def spend(self, limit: RateLimit, key: str, amount: int = 1) -> float:
        windows = self._windows.get(limit.name)
        if windows is None:
            sharing_from = max(1, limit.amount // SHARED_PART)
            windows = self._windows[limit.name] = Windows(limit, self._max_keys, sharing_from)
        wait_s = windows.spend(key, amount, self._clock.now().timestamp())
        if wait_s:
            self._telemetry.count(Counted.LIMITED, limit.name)
        return wait_s

    async def share(self) -> None:
        """There is nobody to share with."""
        for windows in self._windows.values():
            windows.touched.clear()

    async def close(self) -> None:
        """Nothing is open."""
