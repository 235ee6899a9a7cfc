"""The counts of one limit, by key, in the present window and the one before.

Windows begin at multiples of their length, for all keys at the same time: so old counts go all at
once, without a timer or a sweep. A sliding window is estimated from both, as if what was used in
the previous window had been spread over it evenly.
"""

from itertools import islice

from application.ports.rate_limiter import RateLimit

FORGOTTEN_PART = 8
"""A full window forgets an eighth of its keys at once."""


class Windows:
    """Times are in seconds since 1970, so that all nodes have the same windows."""

    __slots__ = (
        "_amount",
        "_max_keys",
        "_previous",
        "_shared",
        "_sharing_from",
        "current",
        "length",
        "number",
        "touched",
    )

    def __init__(self, limit: RateLimit, max_keys: int, sharing_from: int) -> None:
        """Keys are to be shared (`touched`) once they have used `sharing_from`."""
        self._amount = limit.amount
        self.length = limit.window_s
        self._max_keys = max_keys
        self._sharing_from = sharing_from
        self.number = 0
        self.current: dict[str, int] = {}
        self._previous: dict[str, int] = {}
        self._shared: dict[str, int] = {}
        self.touched: set[str] = set()

    def spend(self, key: str, amount: int, now: float) -> float:
        """As `RateLimiter.spend`."""
        place = now / self.length
        number = int(place)
        if number != self.number:
            self._turn(number)
        used = self.current.get(key, 0) + amount
        before = self._previous.get(key, 0)
        passed = place - number
        if used + before * (1 - passed) > self._amount:
            return self._wait(used, amount, before, passed)
        if used == amount and len(self.current) >= self._max_keys:
            self._forget()
        self.current[key] = used
        if used >= self._sharing_from:
            self.touched.add(key)
        return 0.0

    def unshared(self, key: str) -> int:
        """What this node has counted for the key since `learn`."""
        return self.current.get(key, 0) - self._shared.get(key, 0)

    def learn(self, key: str, total: int, sent: int) -> None:
        """Take the total of all nodes, which `sent` of this node is part of."""
        self.current[key] = self.current.get(key, 0) + total - self._shared.get(key, 0) - sent
        self._shared[key] = total

    def _turn(self, number: int) -> None:
        self._previous = self.current if number == self.number + 1 else {}
        self.number = number
        self.current, self._shared, self.touched = {}, {}, set()

    def _wait(self, used: int, amount: int, before: int, passed: float) -> float:
        """When the estimate will have room for `amount`, if nothing else is used."""
        if used <= self._amount:  # in this window, as more of the previous one goes by
            until = 1 - (self._amount - used) / before
        else:  # in the next one, where this window's use goes by
            known = used - amount
            until = 1 + max(0.0, 1 - (self._amount - amount) / known) if known else 2.0
        return max((until - passed) * self.length, 0.001)

    def _forget(self) -> None:
        oldest = islice(self.current, max(1, self._max_keys // FORGOTTEN_PART))
        for key in list(oldest):
            del self.current[key]
            self._shared.pop(key, None)
