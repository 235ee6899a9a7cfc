"""Interface of the servers that are compared."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from attrs import field, frozen

from benchmarks.event import GROUP, TIME
from benchmarks.machine import Process, cpu_seconds, process_tree, rss_bytes


@frozen
class PublishRequest:
    """Bytes that publish `events` events at once, with placeholders `TIME` and `GROUP`."""

    text: bytes
    events: int


def control_line(burst: int) -> PublishRequest:
    """Publish a burst in the process of the server, in one iteration of its event loop."""
    return PublishRequest(TIME + f" {GROUP} {burst:02d}\n".encode(), burst)


def http_post(path: str, body: bytes, events: int = 1, headers: str = "") -> PublishRequest:
    """Publish from outside, with one HTTP request."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return PublishRequest(head.encode() + body, events)


def group_paths(groups: int, prefix: str = "/g") -> list[str]:
    """Request targets that end with the number of the group."""
    return [f"{prefix}{group:06d}" for group in range(groups)]


@frozen(kw_only=True)
class RunningPeer:
    """A running server and its protocol.

    `paths` are the request targets, one per group. After the handshake, message k of `hellos` is
    sent once k + `hello_after` frames have arrived, with the number of the group in place of
    `GROUP`. A socket is ready after `ready_frames` frames. The CPU time of `brokers` does not
    count as the server's.
    """

    processes: list[Process]
    brokers: list[Process] = field(factory=list)
    ports: list[int]
    paths: list[str]
    publish_port: int
    request: Callable[[int], PublishRequest] = control_line
    hellos: list[str] = field(factory=list)
    hello_after: int = 0
    ready_frames: int = 0
    ping: str = ""
    pong: str = ""

    def pids(self) -> list[int]:
        """Process ids of the server, with all descendants."""
        return [pid for process in self.processes for pid in process_tree(process.pid)]

    def cpu_seconds(self) -> float:
        """CPU time that the server has used so far."""
        return cpu_seconds(self.pids())

    def broker_cpu_seconds(self) -> float:
        """CPU time that the brokers have used so far."""
        return cpu_seconds([process.pid for process in self.brokers])

    def rss_bytes(self) -> int:
        """Resident memory of the server."""
        return rss_bytes(self.pids())


class Peer(ABC):
    """A server of the comparison. Its module documents and justifies its settings."""

    name: str

    @abstractmethod
    def missing(self) -> str | None:
        """How to install what is missing; None if the server can run."""

    @abstractmethod
    def version(self) -> str:
        """Version for the report."""

    @abstractmethod
    def run(self, groups: int, folder: Path) -> AbstractContextManager[RunningPeer]:
        """Run the server for this number of groups; its files go to `folder`."""
