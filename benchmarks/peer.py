"""What the comparison asks of a server: to run, and to say how it is connected and published to."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ClassVar

from attrs import field, frozen

from benchmarks.event import GROUP, TIME
from benchmarks.machine import Process, cpu_seconds, family, rss_bytes


@frozen
class Request:
    """What publishes `events` events at once. Runs of `TIME` and `GROUP` are filled in."""

    text: bytes
    events: int


def control_line(burst: int) -> Request:
    """For servers that publish in their own process: one line, one burst, one turn of the loop."""
    return Request(TIME + f" {GROUP} {burst:02d}\n".encode(), burst)


def http_post(path: str, body: bytes, events: int = 1, headers: str = "") -> Request:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Request(head.encode() + body, events)


def group_paths(groups: int, prefix: str = "/g") -> list[str]:
    return [f"{prefix}{group:06d}" for group in range(groups)]


@frozen(kw_only=True)
class Running:
    """A server that waits for sockets.

    `paths` has the request target of each group. After the handshake, message k of `hellos` is
    sent, with the group's number for `GROUP`, once k + `hello_after` frames have come; a socket is
    ready after `ready_frames`. What `brokers` use is not counted as the server's.
    """

    processes: list[Process]
    brokers: list[Process] = field(factory=list)
    ports: list[int]
    paths: list[str]
    publish_port: int
    request: Callable[[int], Request] = control_line
    hellos: list[str] = field(factory=list)
    hello_after: int = 0
    ready_frames: int = 0
    ping: str = ""
    pong: str = ""

    def broker_seconds(self) -> float:
        return cpu_seconds([process.pid for process in self.brokers])

    def pids(self) -> list[int]:
        return [pid for process in self.processes for pid in family(process.pid)]

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pids())

    def rss_bytes(self) -> int:
        return rss_bytes(self.pids())


class Peer(ABC):
    """A server to compare. Its class says on which settings it runs, and why."""

    name: str
    publishing: ClassVar[str] = "in its process"

    @abstractmethod
    def missing(self) -> str | None:
        """What is not installed and how to get it; None if the peer can run."""

    @abstractmethod
    def version(self) -> str:
        """What was measured."""

    @abstractmethod
    def run(self, groups: int, folder: Path) -> AbstractContextManager[Running]:
        """The server, with so many groups of sockets; `folder` is for its files."""
