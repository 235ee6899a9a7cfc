"""The Clock port."""

from abc import ABC, abstractmethod
from datetime import datetime


class Clock(ABC):
    """Wall clock time for timestamps, monotonic time for intervals."""

    @abstractmethod
    def now(self) -> datetime:
        """The current time, as an aware datetime in UTC."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds since an arbitrary start; unaffected by changes of the wall clock."""
