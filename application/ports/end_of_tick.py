"""When what happened within a tick of the event loop is handed on."""

from abc import ABC, abstractmethod
from collections.abc import Callable


class EndOfTick(ABC):
    """The current tick of the event loop. What comes in during it leaves together at its end."""

    @abstractmethod
    def call(self, action: Callable[[], None]) -> None:
        """Call `action` once, when everything else in this tick is done, just before sockets are
        written to. What it raises is logged and keeps nothing else from happening."""
