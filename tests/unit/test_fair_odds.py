"""The short form of `make fairness`: frequencies and returns are the stated ones."""

from benchmarks.fairness import GAMES, LIMIT, Draws, Row, fair, rows
from domain.fairness import FairDraws
from domain.randomness import Randomness

ROUNDS = 8_000
SERVER_SEED = "5" * 64


class Loaded(Randomness):
    """Every twelfth draw is the lowest number."""

    def __init__(self, nonce: int) -> None:
        self._draws = FairDraws(SERVER_SEED, "loaded", nonce)

    def below(self, bound: int) -> int:
        return 0 if self._draws.below(12) == 0 else self._draws.below(bound)


def beyond(draws: Draws, rounds: int) -> list[Row]:
    """What differs from its statement."""
    return [row for row in rows(draws, rounds) if abs(row.z) > LIMIT]


def test_frequencies_and_returns_are_the_stated_ones() -> None:
    """In every game, with seeds that are the same in every run."""
    assert beyond(fair(SERVER_SEED, "short"), ROUNDS) == []


def test_a_loaded_source_is_noticed() -> None:
    """In every game."""
    noticed = {row.game for row in beyond(Loaded, ROUNDS)}
    assert noticed == {game.name for game in GAMES}
