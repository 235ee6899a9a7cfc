"""The write coalescer: at the end of a tick of the event loop, all that was written in it
leaves."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable

from application.ports.end_of_tick import EndOfTick

logger = logging.getLogger("synchub.websocket")


class Flushable(ABC):
    """Something that collects what is written to it."""

    __slots__ = ()

    @abstractmethod
    def flush_tick(self) -> None:
        """Send what was collected."""


class WriteCoalescer(EndOfTick):
    """One callback per tick for all sinks that were written to: one system call per socket and
    tick,
    however many frames there are."""

    __slots__ = ("_actions", "_scheduled", "_written_to")

    def __init__(self) -> None:
        self._scheduled = False
        self._actions: list[Callable[[], None]] = []
        self._written_to: list[Flushable] = []

    def call(self, action: Callable[[], None]) -> None:
        self._actions.append(action)
        self._schedule()

    def add(self, sink: Flushable) -> None:
        """Flush this sink at the end of the tick."""
        self._written_to.append(sink)
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._end_tick)

    def _end_tick(self) -> None:
        while self._actions:
            try:
                self._actions.pop(0)()
            except Exception:  # what others have written is to leave
                logger.exception("an action at the end of a tick failed")
        self._scheduled = False
        sinks, self._written_to = self._written_to, []
        for sink in sinks:
            try:
                sink.flush_tick()
            except Exception:  # the others are to get theirs
                logger.exception("a socket could not be written to")
