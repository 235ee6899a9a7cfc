"""A TLS terminator in front of a real server: no server out of a wheel is built with TLS."""

import asyncio
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from attrs import define, field

POSTGRES_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")

Gate = Callable[[StreamReader, StreamWriter, StreamReader, StreamWriter], Awaitable[bool]]
"""Talks to both ends after the handshake; False ends the connection."""


@define(eq=False)
class TlsTerminator:
    """Decrypts what arrives at `port`, and passes it on to `backend` on loopback.

    With `postgres`, clients ask for TLS first; who does not is passed on as he is, and not from
    the address of the others (`DECRYPTED_FROM`): the server refuses it. With `client_ca`, clients
    must show a certificate of that CA.
    """

    port: int
    backend: int
    certificate: Path
    client_ca: Path | None = None
    postgres: bool = False
    gate: Gate | None = None
    _context: ssl.SSLContext = field(init=False)
    _connections: set[StreamWriter] = field(factory=set, init=False)

    def __attrs_post_init__(self) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        if self.client_ca is not None:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(self.client_ca)
        self.present(self.certificate)

    def present(self, certificate: Path) -> None:
        """Another certificate for whoever connects from now on; ends all other connections."""
        self._context.load_cert_chain(certificate)
        for writer in list(self._connections):
            writer.transport.abort()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TlsTerminator"]:
        """Listen until the context ends."""
        with socket.create_server(("127.0.0.1", self.port)) as listening:
            listening.setblocking(False)
            accepting = asyncio.create_task(self._accept(listening))
            try:
                yield self
            finally:
                accepting.cancel()
                await asyncio.gather(accepting, return_exceptions=True)

    async def _accept(self, listening: socket.socket) -> None:
        async with asyncio.TaskGroup() as serving:
            while True:
                client, _ = await asyncio.get_running_loop().sock_accept(listening)
                serving.create_task(self._serve(client))

    async def _serve(self, client: socket.socket) -> None:
        with suppress(OSError, EOFError):
            head = await _head(client) if self.postgres else b""
            plain = head not in (b"", POSTGRES_SSL_REQUEST)
            reader, writer = await _streams(client, None if plain else self._context)
            self._connections.add(writer)
            try:
                await self._pass_on(reader, writer, head if plain else b"")
            finally:
                self._connections.discard(writer)
                writer.close()

    async def _pass_on(self, reader: StreamReader, writer: StreamWriter, head: bytes) -> None:
        """`head` was read before, in plain text."""
        address = "127.0.0.1" if head else DECRYPTED_FROM
        to_server = await asyncio.open_connection(
            "127.0.0.1", self.backend, local_addr=(address, 0)
        )
        server_reader, server_writer = to_server
        try:
            server_writer.write(head)
            if self.gate is None or await self.gate(reader, writer, *to_server):
                await _until_either_ends(_copy(reader, server_writer), _copy(server_reader, writer))
        finally:
            server_writer.close()


DECRYPTED_FROM = "127.0.0.2"


async def _head(client: socket.socket) -> bytes:
    """A client of PostgreSQL that wants TLS says so and waits."""
    loop = asyncio.get_running_loop()
    head = b""
    while len(head) < 8:
        data = await loop.sock_recv(client, 8 - len(head))
        if not data:
            client.close()
            raise EOFError
        head += data
    if head == POSTGRES_SSL_REQUEST:
        await loop.sock_sendall(client, b"S")
    return head


async def _streams(
    client: socket.socket, context: ssl.SSLContext | None
) -> tuple[StreamReader, StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, client, ssl=context)
    return reader, StreamWriter(transport, protocol, reader, loop)


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()


async def _until_either_ends(*directions: "Awaitable[None]") -> None:
    tasks = [asyncio.ensure_future(direction) for direction in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
