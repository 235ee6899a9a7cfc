"""Thousands of WebSocket clients in one thread, on epoll, with minimal CPU cost."""

import select
import socket
import time
from collections.abc import Callable, Sequence

from attrs import define, field

from benchmarks.raw_socket import handshake


@define(eq=False)
class PooledClient:
    """One connection with its received text frames."""

    request: bytes
    sock: socket.socket = field(init=False)
    frames: list[bytes] = field(factory=list)
    done: bool = False
    _data: bytes = b""
    _accepted: bool = False

    def connect(self, port: int) -> None:
        """Connect and send the handshake request."""
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.sendall(self.request)
        self.sock.setblocking(False)

    def read(self) -> None:
        """Read the available data. Pings are ignored: a benchmark ends before their timeout."""
        received = self.sock.recv(65_536)
        if not received:
            raise ConnectionError("the server closed a connection")
        self._data += received
        if not self._accepted:
            head, end, rest = self._data.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._accepted, self._data = True, rest
        self._take_frames()

    def _take_frames(self) -> None:
        data, at = self._data, 0
        while len(data) >= at + 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[start : start + 2], "big"), start + 2
            elif size == 127:
                size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
            if len(data) < start + size:
                break
            opcode, at = data[at] & 0x0F, start + size
            if opcode == 0x1:
                self.frames.append(data[start:at])
            elif opcode == 0x8:
                raise ConnectionError(f"the server closed a connection: {data[start:at]!r}")
        self._data = data[at:]


class ClientPool:
    """Clients of many users, one per token."""

    def __init__(self, port: int, tokens: Sequence[str], since: str = "") -> None:
        self._port = port
        self._epoll = select.epoll()
        self._by_fd: dict[int, PooledClient] = {}
        self.clients = [PooledClient(handshake(token, since)) for token in tokens]

    def open(self, done: Callable[[PooledClient], bool], max_handshakes: int = 1000) -> None:
        """Connect all clients; returns when `done` is true for each.

        `max_handshakes` are in progress at the same time: more would overflow the accept queue of
        the server, and the kernel would delay them by a second.
        """
        waiting, in_progress = list(reversed(self.clients)), 0
        while waiting or in_progress:
            while waiting and in_progress < max_handshakes:
                client = waiting.pop()
                client.connect(self._port)
                self._by_fd[client.sock.fileno()] = client
                self._epoll.register(client.sock, select.EPOLLIN)
                in_progress += 1
            in_progress -= self._poll(done)

    def wait_until(self, done: Callable[[PooledClient], bool]) -> float:
        """Clear all frames and read until `done` is true for each; returns the time of the last."""
        pending = len(self.clients)
        for client in self.clients:
            client.done = False
            client.frames.clear()
        while pending:
            pending -= self._poll(done)
        return time.perf_counter()

    def close(self) -> None:
        """Close all connections."""
        for client in self._by_fd.values():
            client.sock.close()
        self._epoll.close()

    def _poll(self, done: Callable[[PooledClient], bool]) -> int:
        """Read the available data; returns how many clients became `done`."""
        finished = 0
        ready = self._epoll.poll(30)
        assert ready, "timeout: no data for 30 s"
        for fd, _ in ready:
            client = self._by_fd[fd]
            client.read()
            if not client.done and done(client):
                client.done = True
                finished += 1
        return finished
