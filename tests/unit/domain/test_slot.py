"""Slot: reels, pay-outs, the jackpot."""

from collections import Counter

import pytest

from domain.errors import InvalidInput
from domain.games.slot import REEL_SIZE, STOPS, multiplier, spin
from tests.support.fakes import ScriptedRandomness

FIRST_STOP = {"lemon": 0, "cherry": 11, "bell": 20, "bar": 26, "seven": 30}


def test_a_reel_has_32_stops() -> None:
    """The docstring's number is the sum of the symbols' stops."""
    assert REEL_SIZE == 32


@pytest.mark.parametrize("reel", [0, 1, 2])
def test_each_reel_shows_each_symbol_as_often_as_stated(reel: int) -> None:
    """Over all stops of one reel, the symbols come up in their numbers."""
    draws = [[0, 0, 0] for _ in range(REEL_SIZE)]
    for stop, positions in enumerate(draws):
        positions[reel] = stop
    shown = Counter(spin(1, ScriptedRandomness(*positions)).reels[reel] for positions in draws)
    assert shown == STOPS


@pytest.mark.parametrize(
    ("reels", "pays"),
    [
        pytest.param("lemon lemon lemon", 5, id="three lemons"),
        pytest.param("cherry cherry cherry", 10, id="three cherries"),
        pytest.param("bell bell bell", 20, id="three bells"),
        pytest.param("bar bar bar", 50, id="three bars"),
        pytest.param("seven seven seven", 500, id="three sevens"),
        pytest.param("cherry cherry seven", 1, id="cherries on the left"),
        pytest.param("cherry lemon cherry", 1, id="cherries at both ends"),
        pytest.param("bar cherry cherry", 1, id="cherries on the right"),
        pytest.param("cherry lemon lemon", 0, id="one cherry"),
        pytest.param("seven seven cherry", 0, id="two sevens"),
        pytest.param("lemon bell bar", 0, id="all different"),
    ],
)
def test_reels_pay_a_multiple_of_the_bet(reels: str, pays: int) -> None:
    """The spin wins the bet times what `multiplier` says."""
    first, second, third = reels.split()
    shown = spin(30, ScriptedRandomness(*(FIRST_STOP[symbol] for symbol in reels.split())))
    assert (first, second, third) == shown.reels
    assert pays == multiplier(shown.reels)
    assert 30 * pays == shown.win


@pytest.mark.parametrize(
    ("symbol", "jackpot"),
    [("lemon", False), ("cherry", False), ("bell", False), ("bar", False), ("seven", True)],
)
def test_only_three_sevens_are_the_jackpot(symbol: str, jackpot: bool) -> None:
    """Other three of a kind pay, but are no jackpot."""
    assert jackpot is spin(1, ScriptedRandomness(*[FIRST_STOP[symbol]] * 3)).jackpot


def test_two_sevens_are_no_jackpot() -> None:
    """Only three sevens are one."""
    assert not spin(1, ScriptedRandomness(30, 31, 0)).jackpot


@pytest.mark.parametrize("bet", [1, 10_000])
def test_the_table_limits_are_allowed(bet: int) -> None:
    """The smallest and the largest bet are played as they are."""
    assert 5 * bet == spin(bet, ScriptedRandomness(0, 0, 0)).win


@pytest.mark.parametrize("bet", [-1, 0, 10_001])
def test_a_bet_outside_the_limits_is_refused_before_a_reel_turns(bet: int) -> None:
    """Nothing is drawn for a bet that cannot be made."""
    with pytest.raises(InvalidInput, match="between 1 and 10000") as refused:
        spin(bet, ScriptedRandomness())
    assert refused.value.field == "bet_amount"
