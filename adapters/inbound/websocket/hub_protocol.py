"""uvicorn's own WebSocket protocol, open to a TransportSink.

`HubProtocol` shows itself to the application as the ASGI extension `synchub.transport`. Once a
sink listens, the application's task may end: messages and the end of the connection are told by
calls, so that nothing sleeps for an idle connection. It also refuses handshakes that it cannot
read.
"""

import asyncio
import random
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.utils import ClientDisconnected, is_ssl
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from adapters.inbound.websocket.heartbeat import Heart, Heartbeats
from adapters.inbound.websocket.server_sockets import unacknowledged
from adapters.inbound.websocket.socket_sink import End, Receive
from adapters.inbound.websocket.waiting import Gate, Inbox

if TYPE_CHECKING:
    from adapters.inbound.websocket.transport_sink import TransportSink

EXTENSION = "synchub.transport"
CLOSE_TIMEOUT_S = 10.0
"""How long a peer may take to read what was written before the close, and to answer it."""

_UNREADABLE_HANDSHAKE = (
    b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)


class HubProtocol(WebSocketsSansIOProtocol, Heart):
    """One WebSocket connection of uvicorn's."""

    sink: "TransportSink | None" = None
    _hear: Receive | None = None
    _end: End | None = None
    _progress_at_ping = 0

    def __init__(self, *arguments: Any, heartbeats: Heartbeats, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = self._inbox = Inbox()  # type: ignore[assignment]
        self.writable = Gate(is_open=True)  # type: ignore[assignment]
        self._heartbeats = heartbeats

    # The handshake

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As `HubHttpProtocol` does it, and for the same reason without the addresses."""
        self.connections.add(self)
        self.transport = cast("asyncio.Transport", transport)
        self.server = self.client = None
        self.scheme = "wss" if is_ssl(self.transport) else "ws"

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

    async def run_asgi(self) -> None:
        """uvicorn closes the connection when the application returns; a listening sink keeps it."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        if self._end is None:
            self._finish()

    # What the client sends

    def listen(self, hear: Receive, end: End) -> None:
        """From now on, call these; what only the handshake needed is forgotten."""
        self._hear, self._end = hear, end
        del self.request, self.response, self.scope
        if self.sink is not None:
            self.sink.settle()
        self._inbox.hand_to(self._take)
        self._resume_reading()

    def send_receive_event_to_app(self) -> None:
        listening = self._hear is not None
        super().send_receive_event_to_app()
        if listening:
            self._resume_reading()  # uvicorn pauses until the application has taken the message

    def _resume_reading(self) -> None:
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def _take(self, event: dict[str, Any]) -> None:
        if self._end is None or self._hear is None:
            return
        if event["type"] == "websocket.receive":
            text: str | bytes | None = event.get("text")
            self._hear(text if text is not None else event["bytes"])
            return
        task = self.loop.create_task(self._leave(self._end))
        self.tasks.add(task)  # the server waits for it when it stops
        task.add_done_callback(self.on_task_complete)
        self._hear = self._end = None
        if self.sink is not None:
            self.sink.settle()
            self.sink = None

    async def _leave(self, end: End) -> None:
        try:
            await end()
        finally:
            self._finish()

    # Heartbeats

    def start_keepalive(self) -> None:
        self._heartbeats.add(self)

    def stop_keepalive(self) -> None:
        self._heartbeats.remove(self)
        self.pending_ping_payload = None

    def beat(self) -> None:
        """Ping, unless the last ping is still without an answer. A peer that reads slowly has not
        seen it yet, behind all that waits for it, here and in the system: while it takes some of
        that, it is alive. Any other is cut off at once, since one that is gone would never take
        the rest."""
        if self.close_sent or self.transport.is_closing():
            return
        progress = self.sink.progress() if self.sink is not None else 0
        if self.pending_ping_payload is None:
            self._ping()
        elif not (self.unread() and progress > self._progress_at_ping):
            self.keepalive_timeout()
            self.transport.abort()
        self._progress_at_ping = progress

    def _ping(self) -> None:
        if self.sink is not None:
            self.sink.flush()  # what was written before leaves before
        self.pending_ping_payload = random.getrandbits(32).to_bytes(4, "big")
        self.conn.send_ping(self.pending_ping_payload)
        self.transport.write(b"".join(self.conn.data_to_send()))

    def unread(self) -> int:
        """Bytes on their way that the peer has not confirmed yet."""
        sock = self.transport.get_extra_info("socket")
        in_system = unacknowledged(sock) if sock is not None else 0
        return self.transport.get_write_buffer_size() + in_system

    # The end

    def takes_more(self) -> bool:
        """The application listens, and less waits than the transport's limit."""
        return (
            self._end is not None
            and self.writable.is_set()
            and not (self.close_sent or self.transport.is_closing())
        )

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.sink is not None:
            self.sink.settle()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.sink is not None:
            self.sink.settle()
            if self.sink.on_writable:
                self.sink.on_writable()

    def close_after_writing(self, code: int, reason: str) -> None:
        """Start the closing handshake; a peer that does not take part in it is cut off."""
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.stop_keepalive()
        self._resume_reading()
        self.close_timer = self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})

    def _finish(self) -> None:
        """The transport closes once all is written; a peer that reads nothing cannot prevent it."""
        if self.close_timer is None:
            self.transport.close()
        if not self.disconnected:
            self.loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)
