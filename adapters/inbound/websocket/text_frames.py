"""Frames as servers send them (RFC 6455, section 5.2)."""

import struct

from application.frames.frame import Frame


def text_frame(frame: Frame) -> bytes:
    """Unmasked and final; made once for all sockets."""
    if frame.framed is None:
        frame.framed = _head(len(frame.payload)) + frame.payload
    return frame.framed


def _head(size: int) -> bytes:
    if size < 126:
        return struct.pack("!BB", 0x81, size)
    if size < 1 << 16:
        return struct.pack("!BBH", 0x81, 126, size)
    return struct.pack("!BBQ", 0x81, 127, size)
