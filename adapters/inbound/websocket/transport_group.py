"""Many transports that get the same bytes: how fast the hub is, is how fast a loop in here is."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from adapters.inbound.websocket.text_frames import text_frame
from application.frames.frame import FrameBatch
from application.ports.frame_sink import SinkGroup, write_to_each

if TYPE_CHECKING:
    from adapters.inbound.websocket.transport_sink import TransportSink

logger = logging.getLogger("synchub.websocket")


class TransportGroup(SinkGroup["TransportSink"]):
    """Of the sinks that take more, only `write` of their transports is kept at hand: nothing else
    is to be done for each of them, not even to count, since all get the same. The others are
    asked one by one."""

    __slots__ = ("_others", "_sent", "_straight")

    def __init__(self) -> None:
        self._straight: dict[TransportSink, Callable[[bytes], None]] = {}
        self._others: dict[TransportSink, None] = {}
        self._sent = 0

    def add(self, sink: "TransportSink") -> None:
        self._others[sink] = None
        sink.group = self
        self.settle(sink)

    def remove(self, sink: "TransportSink") -> None:
        self._hold(sink)
        del self._others[sink]
        sink.group = None

    def settle(self, sink: "TransportSink") -> None:
        """Whether this one takes more may have changed."""
        if not sink.takes_more():
            self._hold(sink)
        elif sink in self._others:
            del self._others[sink]
            self._straight[sink] = sink.transport.write
            sink.counted = self._sent

    def uncounted(self, sink: "TransportSink") -> int:
        """Bytes that this one was sent by the group and does not know of."""
        return self._sent - sink.counted if sink in self._straight else 0

    def write(self, frame_batch: FrameBatch, most: int) -> "list[TransportSink]":
        """High-water marks are half of `most`, at most. So where less than that waits, there is
        room for a burst that is no larger."""
        data = frame_batch.framed
        if data is None:
            data = frame_batch.framed = b"".join(map(text_frame, frame_batch.frames))
        if len(data) > most // 2:
            return write_to_each([*self._straight, *self._others], frame_batch, most)
        others = list(self._others)
        self._sent += len(data)
        for send in list(self._straight.values()):  # one that pauses meanwhile leaves it
            try:
                send(data)
            except Exception:  # the rest are to get theirs
                logger.exception("a socket could not be written to")
        return write_to_each(others, frame_batch, most)

    def _hold(self, sink: "TransportSink") -> None:
        if sink in self._straight:
            sink.count(self.uncounted(sink))
            del self._straight[sink]
            self._others[sink] = None
