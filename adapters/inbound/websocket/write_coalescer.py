"""The end of a turn of the event loop, when what was written in it leaves."""

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from application.ports.end_of_tick import EndOfTick

if TYPE_CHECKING:
    from adapters.inbound.websocket.transport_sink import TransportSink

logger = logging.getLogger("synchub.websocket")


class WriteCoalescer(EndOfTick):
    """Lets all sinks that were written to in a turn of the event loop send at its end: one
    callback for all of them."""

    __slots__ = ("_actions", "_scheduled", "_written_to")

    def __init__(self) -> None:
        self._scheduled = False
        self._actions: list[Callable[[], None]] = []
        self._written_to: list[TransportSink] = []

    def at_end(self, action: Callable[[], None]) -> None:
        self._actions.append(action)
        self._schedule()

    def add(self, sink: "TransportSink") -> None:
        self._written_to.append(sink)
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._end_turn)

    def _end_turn(self) -> None:
        while self._actions:
            try:
                self._actions.pop(0)()
            except Exception:  # what others have written is to leave
                logger.exception("the end of a turn failed")
        self._scheduled = False
        sinks, self._written_to = self._written_to, []
        for sink in sinks:
            try:
                sink.flush_and_go_on()
            except Exception:  # the others are to get theirs
                logger.exception("a socket could not be written to")
