"""Frames that clients send: a budget for all kinds, and messages put together from fragments."""

import codecs

from websockets.frames import Frame, Opcode

FRAMES_PER_WINDOW = 200
WINDOW_S = 10.0
"""Far more than an honest client sends. The budget counts frames of every kind, because each of
them costs time to parse: data, continuation, ping and pong."""

SLICE_BYTES = 2 * 1024
"""Parsed at once. A slice has at most 341 frames, so a flood is noticed before it costs much."""


class FrameBudget:
    """Counts the frames of one connection."""

    __slots__ = ("_left", "_since")

    def __init__(self, now: float) -> None:
        """`now` is in seconds of any monotonic clock, the same for all calls."""
        self._left = FRAMES_PER_WINDOW
        self._since = now

    def spend(self, frames: int, now: float) -> bool:
        """Count so many frames; whether the budget covers them."""
        if now - self._since >= WINDOW_S:
            self._since, self._left = now, FRAMES_PER_WINDOW
        self._left -= frames
        return self._left >= 0


_Utf8Decoder = codecs.getincrementaldecoder("utf-8")


class MessageAssembler:
    """Joins fragments. The protocol below has checked their order and their size."""

    __slots__ = ("_decoder", "_fragments", "_is_text")

    def __init__(self) -> None:
        self._fragments: list[bytes] = []
        self._is_text = False
        self._decoder: codecs.IncrementalDecoder | None = None

    def add(self, frame: Frame) -> str | bytes | None:
        """The message, if this frame completes one. UnicodeDecodeError as soon as it cannot become
        UTF-8 any more (RFC 6455, section 8.1)."""
        if frame.opcode is not Opcode.CONT:
            self._is_text = frame.opcode is Opcode.TEXT
        if not frame.fin:
            self._keep(bytes(frame.data))
            return None
        data = bytes(frame.data)
        if self._fragments:
            self._fragments.append(data)
            data = b"".join(self._fragments)
            self._fragments, self._decoder = [], None
        return data.decode() if self._is_text else data

    def _keep(self, fragment: bytes) -> None:
        """Keep a fragment until the message is complete. Text is decoded to see faults early."""
        if self._is_text:
            if self._decoder is None:
                self._decoder = _Utf8Decoder()
            self._decoder.decode(fragment)
        if fragment:
            self._fragments.append(fragment)
