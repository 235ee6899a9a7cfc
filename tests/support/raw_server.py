"""A server on bare TCP connections, and clients that may keep to no rule."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

from attrs import define, field
from dependency_injector import providers

from adapters.inbound.server.client_address import AddressSource
from adapters.inbound.server.front_protocol import FrontProtocol
from adapters.inbound.websocket.transport.handshake import EXTENSION
from adapters.inbound.websocket.transport.websocket_connection import WebSocketConnection
from bootstrap.container import build_container
from bootstrap.server.node_server import front_settings, limited
from bootstrap.settings.limits import LimitSettings
from bootstrap.settings.realtime import RealtimeSettings
from bootstrap.settings.settings import Settings
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.servers import web_server

TIMEOUT_S = 10.0
HIGH_WATER = 64 * 1024
LARGE = 16 * 1024 * 1024
CONT, TEXT, CLOSE, PING = 0x0, 0x1, 0x8, 0x9
HANDSHAKE = (
    b"GET /socket HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def client_frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """A masked frame, as clients send them."""
    size = len(payload)
    head = bytes([opcode | (0x80 if fin else 0)])
    head += bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack("!H", size)
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


@define(eq=False)
class Server:
    """A server whose application keeps the messages of its sockets, and answers calls.

    - `/read` reads the body, and answers with its size;
    - `/wait` answers when `released` is set;
    - `/large` answers with LARGE bytes;
    - others answer with the address of the client.
    """

    telemetry: RecordingTelemetry = field(factory=RecordingTelemetry)
    messages: "asyncio.Queue[str | bytes]" = field(factory=asyncio.Queue)
    ended: "asyncio.Queue[None]" = field(factory=asyncio.Queue)
    sockets: "asyncio.Queue[WebSocketConnection]" = field(factory=asyncio.Queue)
    clients: "list[RawClient]" = field(factory=list)
    released: asyncio.Event = field(factory=asyncio.Event)
    admits: bool = True
    """Whether sockets are listened to once they are accepted."""

    user_id: int | None = None
    """Whose sockets they are."""

    callers: list[str] = field(factory=list)
    """The addresses of sockets."""

    port: int = field(init=False)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            body = await self._answer(scope, receive)
            if body is not None:
                headers = [(b"content-length", b"%d" % len(body))]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": body})
            return
        await receive()
        await send({"type": "websocket.accept"})
        self.callers.append(scope["client"][0])
        connection = scope["extensions"][EXTENSION]
        if self.user_id is not None:
            connection.identify(self.user_id)
        self.sockets.put_nowait(connection)
        if self.admits:
            await self._listen(connection)
        else:
            await self.released.wait()

    async def _answer(self, scope: Any, receive: Any) -> bytes | None:
        match scope["path"]:
            case "/read":
                size, more = 0, True
                while more:
                    event = await receive()
                    if event["type"] == "http.disconnect":
                        self.ended.put_nowait(None)
                        return None
                    size, more = size + len(event["body"]), event["more_body"]
                return b"%d" % size
            case "/wait":
                await self.released.wait()
                return b""
            case "/large":
                return b"x" * LARGE
        return str(scope["client"][0]).encode()

    async def _listen(self, connection: WebSocketConnection) -> None:
        await connection.listen(self.messages.put_nowait, self.end)

    async def end(self) -> None:
        self.ended.put_nowait(None)

    def refused(self, reason: str) -> int:
        """How often a connection or a request was refused or closed for this reason."""
        return sum(n for (_, name), n in self.telemetry.counts.items() if name == reason)

    async def client(self) -> "RawClient":
        client = RawClient(*await asyncio.open_connection("127.0.0.1", self.port))
        self.clients.append(client)
        return client

    async def socket(self) -> "RawClient":
        """A client whose handshake was accepted."""
        client = await self.client()
        client.send(HANDSHAKE)
        assert await client.status() == 101
        return client


@define(eq=False)
class RawClient:
    """A client on a bare TCP connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def status(self) -> int:
        """The status of the next response; its head is read to the end."""
        async with asyncio.timeout(TIMEOUT_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1])

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the next response."""
        async with asyncio.timeout(TIMEOUT_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            pairs = (line.partition(":")[::2] for line in head[1:] if line)
            headers = {name.lower(): value.strip() for name, value in pairs}
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return int(head[0].split(" ", 2)[1]), headers, body

    async def frame(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame of the server."""
        async with asyncio.timeout(TIMEOUT_S):
            first, size = await self.reader.readexactly(2)
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            return first & 0x0F, await self.reader.readexactly(size)

    async def close_code(self) -> int:
        """The code of the close frame, whatever comes before it."""
        while True:
            opcode, payload = await self.frame()
            if opcode == CLOSE:
                code: int = struct.unpack("!H", payload[:2])[0]
                return code

    async def end(self) -> None:
        """Return when the server has closed the connection."""
        async with asyncio.timeout(TIMEOUT_S):
            with suppress(ConnectionError):
                while await self.reader.read(65_536):
                    pass


@asynccontextmanager
async def running(**limits: Any) -> AsyncIterator[Server]:
    """A server with these limits (settings of the group `limits`), and the product's otherwise."""
    server = Server()
    if "address_source" in limits:
        limits["address_source"] = AddressSource(limits["address_source"])
    settings = Settings(
        limits=LimitSettings(**limits),
        realtime=RealtimeSettings(heartbeat_s=60, buffer_bytes=2 * HIGH_WATER),
    )
    container = build_container(settings)
    container.telemetry.override(providers.Object(server.telemetry))
    front = partial(FrontProtocol, settings=front_settings(settings, container))
    app = limited(server.app, container)
    options: dict[str, Any] = {"http": front, "ws": WebSocketConnection, "proxy_headers": False}
    async with web_server(app, **options) as (_, server.port):
        try:
            yield server
        finally:
            server.released.set()
            for client in server.clients:
                client.writer.transport.abort()
                with suppress(ConnectionError):
                    await client.writer.wait_closed()
