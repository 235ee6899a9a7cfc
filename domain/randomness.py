"""The Randomness port: the source of random numbers for games."""

from abc import ABC, abstractmethod


class Randomness(ABC):
    """Uniform random integers. Games draw from `domain.fairness.FairDraws`, which players cannot
    predict and can verify; everything else from the operating system."""

    @abstractmethod
    def below(self, bound: int) -> int:
        """A random integer in [0, `bound`), uniformly distributed; `bound` is at least 1."""
