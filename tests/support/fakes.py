"""Predictable replacements for ports."""

from random import Random
from uuid import UUID

from adapters.outbound.system.system_ids import SystemIds
from application.ports.ids import Ids
from domain.randomness import Randomness


class SeededRandomness(Randomness):
    """Uniform, and the same in every run."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, bound: int) -> int:
        return self._random.randrange(bound)


class SeededIds(Ids):
    """Secrets that are the same in every run; events have ids of their own."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._system = SystemIds()

    def event_id(self) -> UUID:
        return self._system.event_id()

    def secret(self) -> str:
        return f"{self._random.getrandbits(192):048x}"


class ScriptedRandomness(Randomness):
    """Gives these values in this order; fails when they are used up or could not be drawn."""

    def __init__(self, *values: int) -> None:
        self._left = list(reversed(values))

    @property
    def left(self) -> int:
        """How many values were not drawn yet."""
        return len(self._left)

    def below(self, bound: int) -> int:
        assert self._left, f"a draw below {bound} was not expected"
        value = self._left.pop()
        assert 0 <= value < bound, f"{value} cannot be drawn below {bound}"
        return value
