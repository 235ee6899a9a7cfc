"""Frames that clients send: a budget for all kinds, and messages put together from fragments."""

import codecs

from attrs import frozen
from websockets.frames import Frame, Opcode

from application.connections.budget import Budget, UsedBudgets

SLICE_BYTES = 2 * 1024
"""Parsed at once. A slice has at most 341 frames, so a flood is noticed before it costs much."""


@frozen(kw_only=True)
class FrameLimits:
    """What a client may send: frames of every kind (data, continuation, ping, pong), because each
    of them costs time to parse, and bytes, in a window of `WINDOW_S`; and the size of a message."""

    frames: int
    bytes: int
    message_bytes: int


class FrameBudget:
    """Counts the frames of one connection, and their bytes."""

    __slots__ = ("_bytes", "_frames")

    def __init__(self, limits: FrameLimits, now: float) -> None:
        """`now` is in seconds of any monotonic clock, the same for all calls."""
        self._frames = Budget(limits.frames, now)
        self._bytes = Budget(limits.bytes, now)

    def spend(self, frames: int, size: int, now: float) -> str | None:
        """Count so many; the name of the budget that does not cover them."""
        if not self._frames.spend(frames, now):
            return "frame_budget"
        if not self._bytes.spend(size, now):
            return "byte_budget"
        return None

    def inherit(self, used: UsedBudgets, user_id: int, now: float) -> None:
        """Begin with what the user has used over connections that ended."""
        used.inherit(user_id, "frames", self._frames, now)
        used.inherit(user_id, "bytes", self._bytes, now)

    def keep(self, used: UsedBudgets, user_id: int, now: float) -> None:
        """The connection ends: remember what was used."""
        used.keep(user_id, "frames", self._frames, now)
        used.keep(user_id, "bytes", self._bytes, now)


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
