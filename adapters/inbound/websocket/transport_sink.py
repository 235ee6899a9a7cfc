"""A sink straight on the server's transport: finished frames, no task, one write a turn.

`HubProtocol` is uvicorn's own WebSocket protocol, but it shows itself to the application as the
ASGI extension `synchub.transport`, and refuses handshakes that it cannot read. It is given to
uvicorn as `ws=HubProtocol`.
"""

import struct
from types import TracebackType
from typing import Any, Self, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from adapters.inbound.server_sockets import unacknowledged
from adapters.inbound.websocket.socket_sink import SocketSink
from application.realtime.frame import Frame

EXTENSION = "synchub.transport"
CLOSE_TIMEOUT_S = 10.0
"""How long a peer may take to read what was written before the close, and to answer it."""

_UNREADABLE_HANDSHAKE = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


class HubProtocol(WebSocketsSansIOProtocol):
    """One WebSocket connection of uvicorn's, open to a TransportSink."""

    sink: "TransportSink | None" = None
    _progress_at_ping = 0

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # A handshake that cannot be read (a line over 8 KiB, say). uvicorn would leave it at
            # that, and client and connection would wait for ever.
            self.transport.write(_UNREADABLE_HANDSHAKE)
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            cast("dict[str, Any]", self.scope["extensions"])[EXTENSION] = self

    def forget_handshake(self) -> None:
        """Nobody looks at it again, and it is a tenth of an idle connection's memory."""
        del self.request, self.response
        self.scope["headers"] = []

    def send_keepalive_ping(self) -> None:
        self._progress_at_ping = self.sink.progress() if self.sink is not None else 0
        super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """No pong came. A peer that reads slowly has not seen the ping yet, behind all that waits
        for it, here and in the system: while it takes some of that, it is alive. Any other is cut
        off at once, since one that is gone would never take the rest."""
        progress = self.sink.progress() if self.sink is not None else 0
        if self.unread() and progress > self._progress_at_ping:
            self._progress_at_ping = progress
            timeout = self.ping_timeout or 0.0
            self.pong_timer = self.loop.call_later(timeout, self.keepalive_timeout)
            return
        super().keepalive_timeout()
        self.transport.abort()

    def unread(self) -> int:
        """Bytes on their way that the peer has not confirmed yet."""
        sock = self.transport.get_extra_info("socket")
        in_system = unacknowledged(sock) if sock is not None else 0
        return self.transport.get_write_buffer_size() + in_system

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.sink is not None and self.sink.on_writable:
            self.sink.on_writable()

    async def run_asgi(self) -> None:
        await super().run_asgi()
        self._cut_off_in_time()

    def _cut_off_in_time(self) -> None:
        """The transport closes once all is written; a peer that reads nothing cannot prevent it."""
        if not self.disconnected:
            self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)

    def close_after_writing(self, code: int, reason: str) -> None:
        """Start the closing handshake; a peer that does not take part in it is cut off."""
        if self.close_sent or self.transport.is_closing():
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)


class TransportSink(SocketSink):
    """What is written in one turn of the event loop leaves in one system call."""

    __slots__ = ("_high_water", "_pending", "_pending_bytes", "_protocol", "_written")

    def __init__(self, protocol: HubProtocol, high_water: int) -> None:
        self.on_writable = None
        self._protocol = protocol
        self._high_water = high_water
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._written = 0
        protocol.transport.set_write_buffer_limits(high=high_water - 1, low=high_water // 2)

    async def __aenter__(self) -> Self:
        self._protocol.sink = self
        self._protocol.forget_handshake()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._protocol.sink = None

    @property
    def high_water(self) -> int:
        return self._high_water

    def write(self, frame: Frame) -> None:
        framed = frame.framed
        if framed is None:
            framed = frame.framed = text_frame(frame.payload)
        if not self._pending:
            self._protocol.loop.call_soon(self._flush_and_go_on)
        self._pending.append(framed)
        self._pending_bytes += len(framed)

    def buffered(self) -> int:
        return self._pending_bytes + self._protocol.transport.get_write_buffer_size()

    def taken(self) -> int:
        return self._written - self._protocol.transport.get_write_buffer_size()

    def progress(self) -> int:
        return self._written - self._protocol.unread()

    def close(self, code: int, reason: str) -> None:
        self._flush()
        self._protocol.close_after_writing(code, reason)

    async def receive(self) -> str | bytes | None:
        event: dict[str, Any] = dict(await self._protocol.receive())
        if event["type"] != "websocket.receive":
            return None
        text: str | bytes | None = event.get("text")
        return text if text is not None else event["bytes"]

    def _flush_and_go_on(self) -> None:
        """If all of a full buffer is taken at once, the transport says nothing of it."""
        full = self.buffered() >= self._high_water
        self._flush()
        if full and self._protocol.writable.is_set() and self.on_writable:
            self.on_writable()

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        protocol = self._protocol
        if pending and not (protocol.close_sent or protocol.transport.is_closing()):
            self._written += self._pending_bytes
            protocol.transport.write(pending[0] if len(pending) == 1 else b"".join(pending))
        self._pending_bytes = 0


def text_frame(payload: bytes) -> bytes:
    """An unmasked, final text frame as servers send it (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x81, size) + payload
    if size < 1 << 16:
        return struct.pack("!BBH", 0x81, 126, size) + payload
    return struct.pack("!BBQ", 0x81, 127, size) + payload
