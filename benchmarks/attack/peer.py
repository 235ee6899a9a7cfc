"""One raw connection to the server, and a record of what the server answers."""

import asyncio
import re
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any, cast

from attrs import define, field

from benchmarks.attack.wire import CLOSE, PING, PONG, frame

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_ENDLESS = 1 << 62


class Ended(Exception):
    """The server has ended the connection."""


@define(eq=False)
class Peer(asyncio.Protocol):
    """Sends anything. `seen` counts the statuses, close codes and ends of all its owner's peers."""

    seen: Counter[str]
    answers_pings: bool = True
    gone: "Callable[[Peer], object] | None" = None
    """Told when the connection is over."""
    status: int = 0
    """Of the last response."""
    close_code: int | None = None
    messages: list[tuple[int, bytes]] | None = None
    """Opcode and payload of each frame, if they are to be kept."""
    ended: asyncio.Event = field(factory=asyncio.Event)
    _transport: asyncio.Transport = field(init=False)
    _answered: asyncio.Event = field(factory=asyncio.Event)
    _writable: asyncio.Event = field(factory=asyncio.Event)
    _received: bytearray = field(factory=bytearray)
    _skip: int = 0
    _upgraded: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Record what there is."""
        self._received += data
        while self._take_frame() if self._upgraded else self._take_response():
            pass

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits."""
        self.seen["ended"] += not self.ended.is_set()
        self.ended.set()
        self._answered.set()
        self._writable.set()
        if self.gone is not None:
            self.gone(self)

    def pause_writing(self) -> None:
        """The server does not read."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """The server reads again."""
        self._writable.set()

    def stop_reading(self) -> None:
        """Read nothing any more."""
        self._transport.pause_reading()

    def send(self, data: bytes) -> None:
        """Send without waiting; Ended if the server has ended the connection."""
        if self.ended.is_set():
            raise Ended
        self._transport.write(data)

    async def push(self, data: bytes) -> None:
        """Send, and wait until the system takes more."""
        self.send(data)
        await self._writable.wait()
        await asyncio.sleep(0)

    async def ask(self, data: bytes) -> int:
        """Send a request; returns the status of the response."""
        self._answered.clear()
        self.send(data)
        await self._answered.wait()
        if self.ended.is_set() and not self.status:
            raise Ended
        return self.status

    async def flood(self, data: bytes) -> None:
        """Send the same again and again, until Ended."""
        while True:
            await self.push(data)

    async def trickle(self, data: bytes, interval_s: float) -> None:
        """Send byte by byte, until Ended."""
        for byte in data:
            self.send(bytes([byte]))
            await asyncio.sleep(interval_s)

    def finish(self) -> None:
        """Send no more: half of the connection is closed."""
        self._transport.write_eof()

    def abort(self) -> None:
        """Vanish without a word."""
        self.ended.set()
        self._transport.abort()

    def _take_response(self) -> bool:
        if self._skip:
            skipped = min(self._skip, len(self._received))
            del self._received[:skipped]
            self._skip -= skipped
        end = self._received.find(b"\r\n\r\n")
        if self._skip or end < 0:
            return False
        head = bytes(self._received[:end])
        del self._received[: end + 4]
        self.status = int(head.split(b" ", 2)[1])
        self.seen[str(self.status)] += 1
        length = _LENGTH.search(head)
        self._upgraded = self.status == 101
        if not self._upgraded and self.status != 304:
            self._skip = int(length[1]) if length else _ENDLESS
        self._answered.set()
        return True

    def _take_frame(self) -> bool:
        data = self._received
        if len(data) < 2:
            return False
        size, start = data[1], 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            size, start = int.from_bytes(data[2 : 2 + wide], "big"), 2 + wide
        if len(data) < start + size:
            return False
        opcode, payload = data[0] & 0x0F, bytes(data[start : start + size])
        del data[: start + size]
        self._take(opcode, payload)
        return True

    def _take(self, opcode: int, payload: bytes) -> None:
        if self.messages is not None:
            self.messages.append((opcode, payload))
        if opcode == CLOSE:
            (self.close_code,) = struct.unpack("!H", payload[:2]) if payload else (1005,)
            self.seen[f"close {self.close_code}"] += 1
        elif opcode == PING and self.answers_pings and not self.ended.is_set():
            self._transport.write(frame(PONG, payload))


async def connect(
    port: int, seen: Counter[str], address: str = "127.0.0.1", **options: Any
) -> Peer:
    """Open a connection from this loopback address; `options` are fields of the peer."""
    loop = asyncio.get_running_loop()
    _, peer = await loop.create_connection(
        lambda: Peer(seen, **options), "127.0.0.1", port, local_addr=(address, 0)
    )
    return peer
