"""Where a connection's frames go."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from application.frames.frame import Frame, FrameBatch


class FrameSink(ABC):
    """One device's socket, from the sending side. No call blocks or raises.

    Order: frames and the close leave in the order of the calls. After `close`, or once the peer
    is gone, everything is ignored.
    """

    __slots__ = ("on_writable",)

    on_writable: Callable[[], None] | None
    """Called when the buffer, having reached `high_water`, has room again."""

    @property
    @abstractmethod
    def high_water(self) -> int:
        """Bytes in the buffer from which on no more should be written of one's own accord."""

    def new_group(self) -> "SinkGroup[Any]":
        """A new, empty group for sinks of this kind."""
        return SinkGroup()

    @abstractmethod
    def write(self, frame: Frame) -> None:
        """Take one frame; it leaves with all others of this turn of the event loop."""

    @abstractmethod
    def buffered(self) -> int:
        """Bytes that were written and that the operating system has not taken yet."""

    @abstractmethod
    def taken(self) -> int:
        """Bytes that the operating system has taken so far."""

    def progress(self) -> int:
        """Changes whenever the peer is known to have taken something; what the operating system
        still holds for it does not count, if that can be seen."""
        return self.taken()

    @abstractmethod
    def close(self, code: int, reason: str) -> None:
        """Close after everything written so far; a peer that reads nothing is cut off."""


S = TypeVar("S", bound=FrameSink)


class SinkGroup(Generic[S]):
    """Sinks that are written to together. A kind of sink may have a faster one."""

    __slots__ = ("_sinks",)

    def __init__(self) -> None:
        self._sinks: dict[S, None] = {}

    def add(self, sink: S) -> None:
        self._sinks[sink] = None

    def remove(self, sink: S) -> None:
        del self._sinks[sink]

    def write(self, frame_batch: FrameBatch, most: int) -> list[S]:
        """Write a burst to all. Those in which more than `most` bytes would wait then are passed
        over, and returned."""
        return write_to_each(self._sinks, frame_batch, most)


def write_to_each(sinks: Iterable[S], frame_batch: FrameBatch, most: int) -> list[S]:
    """As `SinkGroup.write`."""
    full = []
    for sink in sinks:
        if sink.buffered() + frame_batch.size > most:
            full.append(sink)
        else:
            for frame in frame_batch.frames:
                sink.write(frame)
    return full
