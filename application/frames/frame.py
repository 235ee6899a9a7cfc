"""Finished frames, shared by all sockets they go to."""

from collections.abc import Sequence


class Frame:
    """A text frame. `seq` is the position that a client has reached with it, if it moves one.
    `framed` is a place where a sink keeps the bytes it made of the payload, so that they are made
    once for all sockets."""

    __slots__ = ("framed", "payload", "seq")

    def __init__(self, payload: bytes, seq: int | None = None) -> None:
        self.payload = payload
        self.seq = seq
        self.framed: bytes | None = None


class FrameBatch:
    """Frames that leave together. `size` is in bytes of payloads; `framed` is as with a frame."""

    __slots__ = ("framed", "frames", "size")

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.frames = frames
        self.size = sum(len(frame.payload) for frame in frames)
        self.framed: bytes | None = None
