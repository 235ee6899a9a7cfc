"""A TCP proxy that breaks connections the way networks do."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from random import Random

from attrs import define, field

CHUNK = 16 * 1024
RECEIVE_BUFFER = 4 * 1024
"""Small, so that data held up here soon fills the server's buffer."""

_RESET = struct.pack("ii", 1, 0)


@define(eq=False)
class Pipe:
    """One direction of a connection; forwards in order, at its speed, and nothing while stalled."""

    source: socket.socket
    target: socket.socket
    bytes_per_s: float | None = None
    flowing: asyncio.Event = field(factory=asyncio.Event)

    def __attrs_post_init__(self) -> None:
        self.flowing.set()

    async def run(self) -> None:
        """Forward until the source ends."""
        loop = asyncio.get_running_loop()
        while True:
            await self.flowing.wait()
            data = await loop.sock_recv(self.source, self._chunk())
            if not data:
                return
            await self._forward(data)

    async def _forward(self, data: bytes) -> None:
        while data:
            await self.flowing.wait()
            piece, data = data[: self._chunk()], data[self._chunk() :]
            await asyncio.get_running_loop().sock_sendall(self.target, piece)
            if self.bytes_per_s:
                await asyncio.sleep(len(piece) / self.bytes_per_s)

    def _chunk(self) -> int:
        return max(1, int(self.bytes_per_s / 20)) if self.bytes_per_s else CHUNK


class ProxiedConnection:
    """One client's connection through the proxy."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.up, self.down = Pipe(client, server), Pipe(server, client)
        self._sockets = (client, server)
        self._reset = False

    async def run(self) -> None:
        """Forward both ways until one side ends or the connection is cut."""
        pipes = [asyncio.create_task(pipe.run()) for pipe in (self.up, self.down)]
        self._over = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait({*pipes, self._over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pipe in pipes:
                pipe.cancel()
            await asyncio.gather(*pipes, return_exceptions=True)
            self._close()

    def reset(self) -> None:
        """Cut with RST, like a router that lost its state."""
        self._reset = True
        self.finish()

    def finish(self) -> None:
        """Cut with FIN, like a proxy that restarts."""
        if not self._over.done():
            self._over.set_result(None)

    def stall(self, *, up: bool = True, down: bool = True) -> None:
        """Stop forwarding in these directions and keep the sockets open."""
        for pipe, stalled in ((self.up, up), (self.down, down)):
            if stalled:
                pipe.flowing.clear()

    def throttle(self, bytes_per_s: float) -> None:
        """Limit the speed of the server's data."""
        self.down.bytes_per_s = bytes_per_s

    def heal(self) -> None:
        """Forward everything, at full speed."""
        for pipe in (self.up, self.down):
            pipe.bytes_per_s = None
            pipe.flowing.set()

    def _close(self) -> None:
        for sock in self._sockets:
            with suppress(OSError):
                if self._reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                else:
                    sock.shutdown(socket.SHUT_RDWR)
            sock.close()


class Proxy:
    """Listens on a port of its own and forwards to another one on loopback."""

    def __init__(self, target_port: int) -> None:
        self.connections: list[ProxiedConnection] = []
        self.bytes_per_s: float | None = None
        """The speed of the server's data on new connections."""
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self._listener.setblocking(False)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self._listener.getsockname()[1]}"

    async def run(self) -> None:
        """Accept until cancelled."""
        try:
            while True:
                client, _ = await asyncio.get_running_loop().sock_accept(self._listener)
                task = asyncio.create_task(self._serve(client))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            self._listener.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def strike(self, random: Random) -> None:
        """Break, stall, throttle or heal a random connection."""
        if not self.connections:
            return
        connection = random.choice(self.connections)
        faults: list[Callable[[], None]] = [
            connection.reset,
            connection.finish,
            connection.stall,
            lambda: connection.stall(up=False),
            lambda: connection.stall(down=False),
            lambda: connection.throttle(random.randint(500, 20_000)),
            connection.heal,
        ]
        random.choice(faults)()

    def heal(self) -> None:
        """Restore all connections, and full speed for new ones."""
        self.bytes_per_s = None
        for connection in self.connections:
            connection.heal()

    async def _serve(self, client: socket.socket) -> None:
        server = socket.socket()
        for sock in (client, server):
            sock.setblocking(False)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        with client, server:
            try:
                await asyncio.get_running_loop().sock_connect(server, self._target)
            except OSError:
                return
            connection = ProxiedConnection(client, server)
            connection.down.bytes_per_s = self.bytes_per_s
            self.connections.append(connection)
            try:
                await connection.run()
            finally:
                self.connections.remove(connection)


@asynccontextmanager
async def proxying(target_port: int) -> AsyncIterator[Proxy]:
    """A proxy to this port, gone with the context."""
    proxy = Proxy(target_port)
    running = asyncio.create_task(proxy.run())
    try:
        yield proxy
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
