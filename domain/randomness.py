"""The port that games draw from."""

from abc import ABC, abstractmethod


class Randomness(ABC):
    """Uniform random integers. Adapters in production are unpredictable to players."""

    @abstractmethod
    def below(self, bound: int) -> int:
        """One integer from 0 up to, not including, `bound` (at least 1), all equally likely."""
