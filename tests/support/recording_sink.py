"""A sink whose peer reads when a test says so."""

import json
from collections import deque
from typing import Any

from application.frames.frame import Frame
from application.ports.frame_sink import FrameSink


class RecordingSink(FrameSink):
    """Records all frames written; the first `arrived` of them have reached the peer."""

    def __init__(self, high_water: int = 128 * 1024) -> None:
        self.on_writable = None
        self.frames: list[bytes] = []
        self.closed_with: int | None = None
        self._high_water = high_water
        self._buffer: deque[int] = deque()
        self._sent = 0
        self.arrived = 0
        self._full = False
        self.max_buffered = 0

    @property
    def high_water(self) -> int:
        return self._high_water

    def write(self, frame: Frame) -> None:
        if self.closed_with is None:
            self.frames.append(frame.payload)
            self._buffer.append(len(frame.payload))
            self.max_buffered = max(self.max_buffered, self.buffered_bytes())
            self._full = self._full or self.buffered_bytes() >= self._high_water

    def buffered_bytes(self) -> int:
        return sum(self._buffer)

    def sent_bytes(self) -> int:
        return self._sent

    def close(self, code: int, reason: str) -> None:
        if self.closed_with is None:
            self.closed_with = code

    def drain(self, frames: int | None = None) -> None:
        """Let the peer read this many frames, or all."""
        for _ in range(len(self._buffer) if frames is None else min(frames, len(self._buffer))):
            self._sent += self._buffer.popleft()
            self.arrived += 1
        if self._full and self.buffered_bytes() <= self._high_water // 2:
            self._full = False
            if self.on_writable:
                self.on_writable()

    def decoded(self) -> list[dict[str, Any]]:
        return [json.loads(frame) for frame in self.frames]
