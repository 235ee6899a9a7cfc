"""Pings for all sockets of a node, with one timer.

Every socket's interval is the same, so the order in which they were put in is the order in which
they are due: no timer a socket, and nothing to sort.
"""

import asyncio
import logging
from abc import ABC, abstractmethod

logger = logging.getLogger("synchub.heartbeats")

AT_ONCE = 64
"""Sockets that are pinged in one turn of the event loop: about a millisecond."""

LATENESS = 1 / 100
"""How late a ping may be, in intervals; so many are sent at one waking."""


class Heart(ABC):
    """A socket that wants to know whether its peer is still there."""

    @abstractmethod
    def beat(self) -> None:
        """An interval has passed."""


class Heartbeats:
    """Lets each of its sockets beat every `interval_s` seconds."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._due: dict[Heart, float] = {}
        self._timer: asyncio.Handle | None = None

    def add(self, heart: Heart) -> None:
        """It beats for the first time after an interval."""
        loop = asyncio.get_running_loop()
        self._due[heart] = loop.time() + self._interval_s
        if self._timer is None:
            self._timer = loop.call_later(self._interval_s, self._wake)

    def remove(self, heart: Heart) -> None:
        self._due.pop(heart, None)

    def _wake(self) -> None:
        loop = asyncio.get_running_loop()
        now, self._timer = loop.time(), None
        for _ in range(AT_ONCE):
            heart = next(iter(self._due), None)
            if heart is None:
                return
            if self._due[heart] > now:
                wait_s = self._due[heart] - now + self._interval_s * LATENESS
                self._timer = loop.call_later(wait_s, self._wake)
                return
            del self._due[heart]
            self._due[heart] = now + self._interval_s
            try:
                heart.beat()
            except Exception:
                logger.exception("a heartbeat failed")
        self._timer = loop.call_soon(self._wake)
