"""Text frames as servers send them (RFC 6455, section 5.2): unmasked and final.

Server frames are not masked, so one encoded frame is the same bytes for every socket.
"""

import struct

from application.frames.frame import Frame, FrameBatch

_TEXT_FINAL = 0x81


def text_frame(frame: Frame) -> bytes:
    """The frame with its header; built once for all sockets."""
    if frame.framed is None:
        frame.framed = _header(len(frame.payload)) + frame.payload
    return frame.framed


def text_frames(batch: FrameBatch) -> bytes:
    """All frames of a batch; built once for all sockets."""
    if batch.framed is None:
        batch.framed = b"".join(map(text_frame, batch.frames))
    return batch.framed


def _header(size: int) -> bytes:
    if size < 126:
        return struct.pack("!BB", _TEXT_FINAL, size)
    if size < 1 << 16:
        return struct.pack("!BBH", _TEXT_FINAL, 126, size)
    return struct.pack("!BBQ", _TEXT_FINAL, 127, size)
