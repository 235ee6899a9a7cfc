"""A sink over plain ASGI, for servers that show no more of their sockets."""

import asyncio
from collections import deque
from contextlib import suppress
from typing import Any

from litestar.types import Receive as AsgiReceive
from litestar.types import Send

from adapters.inbound.websocket.socket_sink import OnEnd, OnMessage, SocketSink
from application.frames.frame import Frame

CLOSE_TIMEOUT_S = 10.0
"""How long a peer may take to read what was written before the close."""


class AsgiSink(SocketSink):
    """Holds what waits, and a task that sends it, one message after the other.

    `send` returns when the server has taken a message, so only our own queue is known here; what
    the server buffers beyond it is the server's affair.
    """

    __slots__ = (
        "_arrived",
        "_buffered",
        "_closed",
        "_full",
        "_high_water",
        "_over",
        "_receive",
        "_send",
        "_sent",
        "_waiting",
    )  # fmt: skip

    def __init__(self, receive: AsgiReceive, send: Send, high_water: int) -> None:
        self.on_writable = None
        self._receive = receive
        self._send = send
        self._high_water = high_water
        self._waiting: deque[dict[str, Any]] = deque()
        self._buffered = 0
        self._sent = 0
        self._full = False
        self._closed = False
        self._arrived = asyncio.Event()
        self._over = asyncio.Event()

    @property
    def high_water(self) -> int:
        return self._high_water

    def write(self, frame: Frame) -> None:
        if not self._closed:
            self._buffered += len(frame.payload)
            self._full = self._full or self._buffered >= self._high_water
            self._put({"type": "websocket.send", "text": frame.payload.decode()})

    def buffered_bytes(self) -> int:
        return self._buffered

    def sent_bytes(self) -> int:
        return self._sent

    def close(self, code: int, reason: str) -> None:
        if not self._closed:
            self._closed = True
            self._put({"type": "websocket.close", "code": code, "reason": reason})
            asyncio.get_running_loop().call_later(CLOSE_TIMEOUT_S, self._over.set)

    async def listen(self, on_message: OnMessage, on_end: OnEnd) -> None:
        sending = asyncio.create_task(self._serve())
        try:
            while (event := await self._next_event()) is not None:
                if not self._closed:
                    text: str | bytes | None = event.get("text")
                    on_message(text if text is not None else event.get("bytes", b""))
        finally:
            self._closed = True
            sending.cancel()
            with suppress(asyncio.CancelledError):
                await sending
            await on_end()

    async def _next_event(self) -> dict[str, Any] | None:
        """The next message, or None once there will be no more, or time is over."""
        received = asyncio.ensure_future(self._receive())
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({received, over}, return_when=asyncio.FIRST_COMPLETED)
            event: dict[str, Any] = dict(received.result()) if received.done() else {}
        finally:
            received.cancel()
            over.cancel()
        return event if event.get("type") == "websocket.receive" else None

    def _put(self, message: dict[str, Any]) -> None:
        self._waiting.append(message)
        self._arrived.set()

    async def _serve(self) -> None:
        try:
            while True:
                await self._arrived.wait()
                self._arrived.clear()
                while self._waiting:
                    await self._send_one(self._waiting.popleft())
        except Exception:
            # The peer is gone; servers raise errors of their own then. The end of `receive` ends
            # the connection.
            self._closed = True

    async def _send_one(self, message: Any) -> None:
        await self._send(message)
        size = len(message.get("text", "").encode())
        self._buffered -= size
        self._sent += size
        if self._full and self._buffered <= self._high_water // 2:
            self._full = False
            if self.on_writable:
                self.on_writable()
