"""The EndOfTick port: batch the work of one event loop tick and run it once at its end."""

from abc import ABC, abstractmethod
from collections.abc import Callable


class EndOfTick(ABC):
    """The current tick (iteration) of the event loop.

    Several messages may arrive within one tick. To deliver them together costs one write per socket
    instead of one per message.
    """

    @abstractmethod
    def call(self, action: Callable[[], None]) -> None:
        """Call `action` once at the end of the current tick, just before sockets are written to. An
        exception is logged and does not affect other actions."""
