"""A sink straight on the server's transport: finished frames, no task, one write a turn."""

import asyncio
import logging
import struct

from adapters.inbound.websocket.hub_protocol import HubProtocol
from adapters.inbound.websocket.socket_sink import End, Receive, SocketSink
from application.realtime.frame import Frame

logger = logging.getLogger("synchub.websocket")


class Flusher:
    """Lets all sinks that were written to in a turn of the event loop send at its end: one
    callback for all of them."""

    __slots__ = ("_written_to",)

    def __init__(self) -> None:
        self._written_to: list[TransportSink] = []

    def add(self, sink: "TransportSink") -> None:
        if not self._written_to:
            asyncio.get_running_loop().call_soon(self._flush_all)
        self._written_to.append(sink)

    def _flush_all(self) -> None:
        sinks, self._written_to = self._written_to, []
        for sink in sinks:
            try:
                sink.flush_and_go_on()
            except Exception:  # the others are to get theirs
                logger.exception("a socket could not be written to")


class TransportSink(SocketSink):
    """What is written in one turn of the event loop leaves in one system call."""

    __slots__ = (
        "_flusher", "_high_water", "_pending", "_pending_bytes", "_protocol", "_transport",
        "_written",
    )  # fmt: skip

    def __init__(self, protocol: HubProtocol, flusher: Flusher, high_water: int) -> None:
        self.on_writable = None
        self._protocol = protocol
        self._transport = protocol.transport
        self._flusher = flusher
        self._high_water = high_water
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._written = 0
        protocol.sink = self
        self._transport.set_write_buffer_limits(high=high_water - 1, low=high_water // 2)

    @property
    def high_water(self) -> int:
        return self._high_water

    def write(self, frame: Frame) -> None:
        framed = frame.framed
        if framed is None:
            framed = frame.framed = text_frame(frame.payload)
        if not self._pending_bytes:
            self._flusher.add(self)
        self._pending.append(framed)
        self._pending_bytes += len(framed)

    def buffered(self) -> int:
        return self._pending_bytes + self._transport.get_write_buffer_size()

    def taken(self) -> int:
        return self._written - self._transport.get_write_buffer_size()

    def progress(self) -> int:
        return self._written - self._protocol.unread()

    def close(self, code: int, reason: str) -> None:
        self.flush()
        self._protocol.close_after_writing(code, reason)

    async def listen(self, receive: Receive, end: End) -> None:
        self._protocol.listen(receive, end)

    def flush_and_go_on(self) -> None:
        """If all of a full buffer is taken at once, the transport says nothing of it."""
        full = self.buffered() >= self._high_water
        self.flush()
        if full and self._protocol.writable.is_set() and self.on_writable:
            self.on_writable()

    def flush(self) -> None:
        """Do not wait for the end of the turn."""
        pending = self._pending
        if pending and not (self._protocol.close_sent or self._transport.is_closing()):
            self._written += self._pending_bytes
            self._transport.write(pending[0] if len(pending) == 1 else b"".join(pending))
        pending.clear()
        self._pending_bytes = 0


def text_frame(payload: bytes) -> bytes:
    """An unmasked, final text frame as servers send it (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload
