"""Fan-out to many transports that get the same bytes.

How fast the hub is depends on one loop in here. So a group keeps only the `write` method of each
transport that may be written to directly: nothing else is done per socket, not even counting,
because all of them get the same. Sockets with back-pressure are handled one by one.
"""

import logging
from abc import abstractmethod
from asyncio import Transport
from collections.abc import Callable

from adapters.inbound.websocket.socket_sink import SocketSink
from adapters.inbound.websocket.transport.outgoing_frames import text_frames
from application.frames.frame import FrameBatch
from application.ports.frame_sink import SinkGroup, write_to_each

logger = logging.getLogger("synchub.websocket")


class GroupedSink(SocketSink):
    """What a group needs of its sinks."""

    __slots__ = ("counted_from", "group", "transport")

    group: "ConnectionGroup | None"
    counted_from: int
    """How much the group had written when this sink was counted last."""

    transport: Transport

    @abstractmethod
    def takes_direct_writes(self) -> bool:
        """Whether bytes may go straight to the transport: nothing is pending, nothing is full."""

    @abstractmethod
    def count(self, size: int) -> None:
        """So many bytes were written straight to the transport."""


class ConnectionGroup(SinkGroup[GroupedSink]):
    """See the module."""

    __slots__ = ("_direct", "_others", "_written")

    def __init__(self) -> None:
        self._direct: dict[GroupedSink, Callable[[bytes], None]] = {}
        self._others: dict[GroupedSink, None] = {}
        self._written = 0

    def add(self, sink: GroupedSink) -> None:
        self._others[sink] = None
        sink.group = self
        self.refresh(sink)

    def remove(self, sink: GroupedSink) -> None:
        self._set_aside(sink)
        del self._others[sink]
        sink.group = None

    def refresh(self, sink: GroupedSink) -> None:
        """Whether this sink takes direct writes may have changed."""
        if not sink.takes_direct_writes():
            self._set_aside(sink)
        elif sink in self._others:
            del self._others[sink]
            self._direct[sink] = sink.transport.write
            sink.counted_from = self._written

    def uncounted(self, sink: GroupedSink) -> int:
        """Bytes that the group has written to this sink since it was counted last."""
        return self._written - sink.counted_from if sink in self._direct else 0

    def write(self, batch: FrameBatch, limit: int) -> list[GroupedSink]:
        """High-water marks are at most half of `limit`. So where less than that waits, there is
        room for a batch that is no larger."""
        data = text_frames(batch)
        if len(data) > limit // 2:
            return write_to_each([*self._direct, *self._others], batch, limit)
        others = list(self._others)
        self._written += len(data)
        for write in list(self._direct.values()):  # one that pauses meanwhile leaves the dict
            try:
                write(data)
            except Exception:  # the rest are to get theirs
                logger.exception("a socket could not be written to")
        return write_to_each(others, batch, limit)

    def _set_aside(self, sink: GroupedSink) -> None:
        if sink in self._direct:
            sink.count(self.uncounted(sink))
            del self._direct[sink]
            self._others[sink] = None
