"""The FrameSink of a Server-Sent Events stream (WHATWG HTML, section 9.2)."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from application.frames.frame import Frame
from application.frames.position import Position
from application.ports.frame_sink import FrameSink

HEARTBEAT = b": heartbeat\n\n"
"""A comment line, which clients ignore. Writing it detects broken connections."""


class SseSink(FrameSink):
    """Sends frames as events. The id of an event is the position after it, so browsers resume by
    themselves (`Last-Event-ID`).

    The ASGI server pulls `chunks`, which is the back-pressure: frames are buffered while it waits
    for the client, and `on_writable` is called when the buffer falls to half of the high-water
    mark.
    """

    def __init__(self, high_water: int, heartbeat_s: float) -> None:
        self.on_writable = None
        self.position_at: Callable[[int], Position] | None = None
        self._high_water = high_water
        self._heartbeat_s = heartbeat_s
        self._waiting: list[Frame] = []
        self._buffered = 0
        self._sent = 0
        self._close: tuple[int, str] | None = None
        self._arrived = asyncio.Event()

    @property
    def high_water(self) -> int:
        return self._high_water

    def write(self, frame: Frame) -> None:
        if self._close is None:
            self._waiting.append(frame)
            self._buffered += len(frame.payload)
            self._arrived.set()

    def buffered_bytes(self) -> int:
        return self._buffered

    def sent_bytes(self) -> int:
        return self._sent

    def close(self, code: int, reason: str) -> None:
        if self._close is None:
            self._close = (code, reason)
            self._arrived.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the stream until `close`. A chunk counts as sent when the next one is
        requested."""
        while True:
            while self._waiting:
                frames, self._waiting = self._waiting, []
                yield b"".join(map(self._event, frames))
                self._count_sent(sum(len(frame.payload) for frame in frames))
            if self._close is not None:
                code, reason = self._close
                notice = json.dumps({"code": code, "reason": reason})
                yield f"event: close\ndata: {notice}\n\n".encode()
                return
            if not await self._arrived_within(self._heartbeat_s):
                yield HEARTBEAT

    async def _arrived_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._arrived.wait(), seconds)
        except TimeoutError:
            return False
        self._arrived.clear()
        return True

    def _count_sent(self, size: int) -> None:
        was_full = self._buffered > self._high_water // 2
        self._sent += size
        self._buffered -= size
        if was_full and self._buffered <= self._high_water // 2 and self.on_writable:
            self.on_writable()

    def _event(self, frame: Frame) -> bytes:
        if frame.seq is None or self.position_at is None:
            return b"data: %b\n\n" % frame.payload
        position = str(self.position_at(frame.seq)).encode()
        return b"id: %b\ndata: %b\n\n" % (position, frame.payload)
