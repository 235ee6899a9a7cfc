"""Requests and WebSocket frames as bytes, so that wrong ones can be made."""

import struct
from collections.abc import Mapping

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

SYNC, LEGACY, MONITOR = "/api/realtime/sync", "/api/games/ws", "/api/games/ws/monitor"

_NO_MASK = bytes(4)
"""Masks nothing, and is allowed: a flood is to cost its sender as little as possible."""


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    rsv: int = 0,
    mask: bytes | None = _NO_MASK,
    announced: int | None = None,
) -> bytes:
    """A client's frame (RFC 6455, section 5.2). `rsv` is 0 to 7; `announced` is a size that differs
    from the payload's; without a mask it is a violation."""
    size = len(payload) if announced is None else announced
    masked = 0 if mask is None else 0x80
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    if size < 126:
        head = struct.pack("!BB", first, masked | size)
    elif size < 1 << 16:
        head = struct.pack("!BBH", first, masked | 126, size)
    else:
        head = struct.pack("!BBQ", first, masked | 127, size)
    if mask is None:
        return head + payload
    if mask == _NO_MASK:
        return head + mask + payload
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def close_frame(code: int, reason: bytes = b"") -> bytes:
    """A client's close frame."""
    return frame(CLOSE, struct.pack("!H", code) + reason)


def request(
    method: str,
    path: str,
    body: bytes | None = None,
    *,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """An HTTP/1.1 request; a body is JSON unless `headers` say otherwise."""
    lines = {"Host": "127.0.0.1"}
    if token is not None:
        lines["Authorization"] = f"Bearer {token}"
    if body is not None:
        lines |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + (body or b"")


def handshake(
    path: str = SYNC, token: str | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """A WebSocket handshake with the token in its `Authorization` header."""
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        **(headers or {}),
    }
    return request("GET", path, token=token, headers=upgrade)
