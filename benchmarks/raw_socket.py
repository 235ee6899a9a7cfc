"""A WebSocket client for `/api/realtime/sync` with minimal CPU cost."""

import asyncio
import base64
import os
import socket
import struct
from collections.abc import AsyncIterator

SYNC = "/api/realtime/sync"

_HANDSHAKE = (
    "GET {path}?token={token} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
)


def handshake(token: str, since: str = "") -> bytes:
    """Handshake request; `since` resumes a session."""
    key = base64.b64encode(os.urandom(16)).decode()
    query = token + (f"&since={since}" if since else "")
    return _HANDSHAKE.format(path=SYNC, token=query, key=key).encode()


class RawSocket:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int, token: str, since: str = "", slow: bool = False) -> "RawSocket":
        """Connect and perform the handshake; `slow` makes the receive buffers small."""
        sock = socket.create_connection(("127.0.0.1", port))
        if slow:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader, writer = await asyncio.open_connection(sock=sock, limit=1024 if slow else 2**16)
        writer.write(handshake(token, since))
        response = await reader.readuntil(b"\r\n\r\n")
        assert response.startswith(b"HTTP/1.1 101"), response
        return cls(reader, writer)

    async def frames(self) -> AsyncIterator[bytes]:
        """Text frames until the server closes the connection; replies to pings."""
        while True:
            opcode, payload = await self._frame()
            if opcode == 0x1:
                yield payload
            elif opcode == 0x9:
                mask = b"\0\0\0\0"
                self._writer.write(struct.pack("!BB", 0x8A, 0x80 | len(payload)) + mask + payload)
            elif opcode == 0x8:
                return

    async def _frame(self) -> tuple[int, bytes]:
        first, size = await self._reader.readexactly(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return first & 0x0F, await self._reader.readexactly(size)

    def throttle(self, bytes_per_s: int) -> None:
        """Limit the read rate from now on."""
        unread, self._reader = self._reader, asyncio.StreamReader()
        self._throttling = asyncio.create_task(_pump(unread, self._reader, bytes_per_s))

    def close(self) -> None:
        """Abort the connection without a closing handshake."""
        self._writer.transport.abort()


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamReader, rate: int) -> None:
    while data := await source.read(rate // 4):
        target.feed_data(data)
        await asyncio.sleep(len(data) / rate)
    target.feed_eof()
