"""Failed sign-ins, in the memory of one node."""

from collections import OrderedDict
from typing import TypeVar

from attrs import define

from application.ports.clock import Clock
from application.ports.sign_in_failures import Admission, Backoff, SignInFailures

T = TypeVar("T")

KEYS = 20_000
"""Limit of the keys, and of the accounts whose addresses are remembered; the ones that were used
least recently give way. An attempt costs a password hash, so replacing all takes many minutes."""

ADDRESSES = 5
"""Limit of the remembered addresses per account."""


@define
class _Tally:
    failures: int
    delayed_until: float
    forgotten_at: float


class MemorySignInFailures(SignInFailures):
    """Not shared with other nodes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tallies: OrderedDict[str, _Tally] = OrderedDict()
        self._known: OrderedDict[str, OrderedDict[str, float]] = OrderedDict()

    async def begin(self, key: str, backoff: Backoff) -> Admission:
        now = self._clock.monotonic()
        tally = self._tally(key, now)
        if tally.delayed_until > now:
            return Admission(tally.delayed_until - now, tally.failures)
        tally.failures += 1
        tally.delayed_until = now + backoff.delay_s(tally.failures)
        tally.forgotten_at = now + backoff.forget_s
        _put(self._tallies, key, tally, KEYS)
        return Admission(0.0, tally.failures)

    async def undo(self, key: str) -> None:
        tally = self._tally(key, self._clock.monotonic())
        tally.failures = max(0, tally.failures - 1)

    async def clear(self, key: str) -> None:
        self._tallies.pop(key, None)

    async def remember(self, account: str, address: str, keep_s: float) -> None:
        known: OrderedDict[str, float] = self._known.get(account, OrderedDict())
        _put(known, address, self._clock.monotonic() + keep_s, ADDRESSES)
        _put(self._known, account, known, KEYS)

    async def remembers(self, account: str, address: str) -> bool:
        known_until = self._known.get(account, OrderedDict()).get(address, 0.0)
        return known_until > self._clock.monotonic()

    async def close(self) -> None:
        """Nothing was opened."""

    def _tally(self, key: str, now: float) -> _Tally:
        tally = self._tallies.get(key)
        return tally if tally and tally.forgotten_at > now else _Tally(0, 0.0, 0.0)


def _put(entries: "OrderedDict[str, T]", key: str, value: T, limit: int) -> None:
    """Insert as the newest; the oldest one gives way."""
    entries[key] = value
    entries.move_to_end(key)
    if len(entries) > limit:
        entries.popitem(last=False)
