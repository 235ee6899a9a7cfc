"""Time."""

from abc import ABC, abstractmethod
from datetime import datetime


class Clock(ABC):
    @abstractmethod
    def now(self) -> datetime:
        """The current time in UTC, time zone set."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds that never jump, from an arbitrary start: for intervals."""
