"""Rock, paper, scissors: who beats whom, and what that pays."""

import pytest

from domain.errors import InvalidInput
from domain.games.rps import Hand, Outcome, Round, play
from tests.support.fakes import ScriptedRandomness

ROCK, PAPER, SCISSORS = Hand
WIN, DRAW, LOSE = Outcome


@pytest.mark.parametrize(
    ("choice", "house", "outcome", "win"),
    [
        (ROCK, ROCK, DRAW, 100),
        (ROCK, PAPER, LOSE, 0),
        (ROCK, SCISSORS, WIN, 195),
        (PAPER, ROCK, WIN, 195),
        (PAPER, PAPER, DRAW, 100),
        (PAPER, SCISSORS, LOSE, 0),
        (SCISSORS, ROCK, LOSE, 0),
        (SCISSORS, PAPER, WIN, 195),
        (SCISSORS, SCISSORS, DRAW, 100),
    ],
)
def test_hands_are_judged(choice: Hand, house: Hand, outcome: Outcome, win: int) -> None:
    """Rock beats scissors, scissors beat paper, paper beats rock."""
    shown = ScriptedRandomness([ROCK, PAPER, SCISSORS].index(house))
    assert Round(choice, house, outcome, win) == play(choice, 100, shown)


@pytest.mark.parametrize(
    ("bet", "win"), [(1, 1), (2, 3), (3, 5), (19, 37), (20, 39), (21, 40), (10_000, 19_500)]
)
def test_a_win_is_rounded_down_to_whole_gold(bet: int, win: int) -> None:
    """1.95 times the bet, without the fraction."""
    assert win == play(ROCK, bet, ScriptedRandomness(2)).win


@pytest.mark.parametrize("bet", [-1, 0, 10_001])
def test_a_bet_outside_the_limits_is_refused_before_the_house_draws(bet: int) -> None:
    """Nothing is drawn for a bet that cannot be made."""
    with pytest.raises(InvalidInput, match="between 1 and 10000") as refused:
        play(ROCK, bet, ScriptedRandomness())
    assert refused.value.field == "bet_amount"
