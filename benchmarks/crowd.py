"""Thousands of sockets in one thread, with an epoll loop: a client that costs next to nothing."""

import select
import socket
import time
from collections.abc import Callable, Sequence

from attrs import define, field

from benchmarks.raw_socket import handshake


@define(eq=False)
class Member:
    """One connection, and the text frames that came over it."""

    request: bytes
    sock: socket.socket = field(init=False)
    frames: list[bytes] = field(factory=list)
    done: bool = False
    _data: bytes = b""
    _accepted: bool = False

    def connect(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.sendall(self.request)
        self.sock.setblocking(False)

    def read(self) -> None:
        """Take what has come; pings need no answer within the time that a benchmark takes."""
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


class Crowd:
    """Sockets of many users. `at_once` handshakes are under way at a time: more would not fit
    into the queue of a listening socket, and the kernel would let them wait for a second."""

    def __init__(self, port: int, tokens: Sequence[str], since: str = "") -> None:
        self._port = port
        self._epoll = select.epoll()
        self._by_fd: dict[int, Member] = {}
        self.members = [Member(handshake(token, since)) for token in tokens]

    def open(self, done: Callable[[Member], bool], at_once: int = 1000) -> None:
        """Connect all, and return when each is `done` with its first frames."""
        waiting, under_way = list(reversed(self.members)), 0
        while waiting or under_way:
            while waiting and under_way < at_once:
                member = waiting.pop()
                member.connect(self._port)
                self._by_fd[member.sock.fileno()] = member
                self._epoll.register(member.sock, select.EPOLLIN)
                under_way += 1
            under_way -= self._poll(done)

    def until(self, done: Callable[[Member], bool]) -> float:
        """Read until each is done once more; returns when the last was (`time.perf_counter`)."""
        left = len(self.members)
        for member in self.members:
            member.done = False
            member.frames.clear()
        while left:
            left -= self._poll(done)
        return time.perf_counter()

    def close(self) -> None:
        for member in self._by_fd.values():
            member.sock.close()
        self._epoll.close()

    def _poll(self, done: Callable[[Member], bool]) -> int:
        """Read what there is; returns how many are done with it."""
        finished = 0
        ready = self._epoll.poll(30)
        assert ready, "nothing came for half a minute"
        for fd, _ in ready:
            member = self._by_fd[fd]
            member.read()
            if not member.done and done(member):
                member.done = True
                finished += 1
        return finished
