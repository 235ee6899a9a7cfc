"""One timer for all sockets of a node, for heartbeats and for deadlines.

Every socket's interval is the same, so the order in which they were added is the order in which
they are due: no timer per socket, and nothing to sort.
"""

import asyncio
import logging
from abc import ABC, abstractmethod

logger = logging.getLogger("synchub.timer")

AT_ONCE = 64
"""Calls within one tick of the event loop: about a millisecond."""

LATENESS = 1 / 100
"""How late a call may be, in intervals; those due within it are made together."""


class Timed(ABC):
    """Something that wants to know that time has passed."""

    __slots__ = ()

    @abstractmethod
    def interval_passed(self) -> None:
        """Called every interval until it is removed."""


class IntervalTimer:
    """Calls each member every `interval_s` seconds."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._due: dict[Timed, float] = {}
        self._timer: asyncio.Handle | None = None

    def add(self, member: Timed) -> None:
        """Call it for the first time after one interval."""
        loop = asyncio.get_running_loop()
        self._due[member] = loop.time() + self._interval_s
        if self._timer is None:
            self._timer = loop.call_later(self._interval_s, self._wake)

    def remove(self, member: Timed) -> None:
        """Call it no more; unknown members are ignored."""
        self._due.pop(member, None)

    def _wake(self) -> None:
        loop = asyncio.get_running_loop()
        now, self._timer = loop.time(), None
        for _ in range(AT_ONCE):
            member = next(iter(self._due), None)
            if member is None:
                return
            if self._due[member] > now:
                wait_s = self._due[member] - now + self._interval_s * LATENESS
                self._timer = loop.call_later(wait_s, self._wake)
                return
            del self._due[member]
            self._due[member] = now + self._interval_s
            try:
                member.interval_passed()
            except Exception:
                logger.exception("a timed call failed")
        self._timer = loop.call_soon(self._wake)
