"""The Randomness port: the source of random numbers for games."""

from abc import ABC, abstractmethod


class Randomness(ABC):
    """Uniform random integers. The production adapter is cryptographically secure, so that players
    cannot predict outcomes."""

    @abstractmethod
    def below(self, bound: int) -> int:
        """A random integer in [0, `bound`), uniformly distributed; `bound` is at least 1."""
