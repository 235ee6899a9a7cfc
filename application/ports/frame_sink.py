"""Where a connection's frames go."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from application.frames.frame import Frame, FrameBatch


class FrameSink(ABC):
    """One device's socket, from the sending side. No call blocks or raises.

    Order: frames and the close leave in the order of the calls. After `close`, or once the peer is
    gone, everything is ignored.
    """

    __slots__ = ("on_writable",)

    on_writable: Callable[[], None] | None
    """Back-pressure: called when the buffer, having reached `high_water`, has room again."""

    def identify(self, user_id: int) -> None:  # noqa: B027 (most sinks need not know)
        """The peer was admitted as this user."""

    @property
    @abstractmethod
    def high_water(self) -> int:
        """The high-water mark in bytes: from here on, stop writing until `on_writable`."""

    def new_group(self) -> "SinkGroup[Any]":
        """A new, empty group for sinks of this kind."""
        return SinkGroup()

    @abstractmethod
    def write(self, frame: Frame) -> None:
        """Take one frame; it leaves with all others of this tick of the event loop."""

    @abstractmethod
    def buffered_bytes(self) -> int:
        """Bytes that were written and that the operating system has not taken yet."""

    @abstractmethod
    def sent_bytes(self) -> int:
        """Bytes that the operating system has taken so far."""

    def acknowledged_bytes(self) -> int:
        """Grows whenever the peer is known to have received something. What the operating system
        still holds for it does not count, if that can be seen."""
        return self.sent_bytes()

    @abstractmethod
    def close(self, code: int, reason: str) -> None:
        """Close after everything written so far; a peer that reads nothing is cut off."""


S = TypeVar("S", bound=FrameSink)


class SinkGroup(Generic[S]):
    """Sinks that are written to together (fan-out). A kind of sink may have a faster one."""

    __slots__ = ("_sinks",)

    def __init__(self) -> None:
        self._sinks: dict[S, None] = {}

    def add(self, sink: S) -> None:
        """One more sink; it is in no other group."""
        self._sinks[sink] = None

    def remove(self, sink: S) -> None:
        """One sink less."""
        del self._sinks[sink]

    def write(self, batch: FrameBatch, limit: int) -> list[S]:
        """Write a batch to all sinks. Those in which more than `limit` bytes would wait then are
        skipped, and returned."""
        return write_to_each(self._sinks, batch, limit)


def write_to_each(sinks: Iterable[S], batch: FrameBatch, limit: int) -> list[S]:
    """As `SinkGroup.write`."""
    full = []
    for sink in sinks:
        if sink.buffered_bytes() + batch.size > limit:
            full.append(sink)
        else:
            for frame in batch.frames:
                sink.write(frame)
    return full
