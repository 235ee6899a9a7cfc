"""Encoded frames. Each is encoded once and shared by all sockets that it is sent to (fan-out)."""

from collections.abc import Sequence


class Frame:
    """A text frame. `seq` is the client's position after this frame; None for frames that do not
    change it. `framed` caches the bytes on the wire, so that the first sink to send the frame
    frames it for all of them."""

    __slots__ = ("framed", "payload", "seq")

    def __init__(self, payload: bytes, seq: int | None = None) -> None:
        self.payload = payload
        self.seq = seq
        self.framed: bytes | None = None


class FrameBatch:
    """Frames that are sent together. `size` is the sum of the payloads in bytes; `framed` caches
    the bytes on the wire, as in `Frame`."""

    __slots__ = ("framed", "frames", "size")

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.frames = frames
        self.size = sum(len(frame.payload) for frame in frames)
        self.framed: bytes | None = None
