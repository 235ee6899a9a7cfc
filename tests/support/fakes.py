"""Fakes of small ports."""

import random

from domain.randomness import Randomness


class SeededRandomness(Randomness):
    """Random, and the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (a test's dice)

    def below(self, bound: int) -> int:
        return self._random.randrange(bound)
