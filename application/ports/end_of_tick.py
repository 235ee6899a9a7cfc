"""When what happened in a turn of the event loop is handed on."""

from abc import ABC, abstractmethod
from collections.abc import Callable


class EndOfTick(ABC):
    """The present turn of the event loop. What comes in during it leaves at its end, together."""

    @abstractmethod
    def at_end(self, action: Callable[[], None]) -> None:
        """Call it once, when all else in this turn is done, just before sockets are written to.
        What it raises is logged, and keeps nothing else from happening."""
