"""Where a connection's frames go."""

from abc import ABC, abstractmethod
from collections.abc import Callable

from application.realtime.frame import Frame


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
