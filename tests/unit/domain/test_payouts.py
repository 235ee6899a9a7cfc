"""The pay-out percentages in the docstrings of the games, first exactly, then by simulation.

Exact figures come from the real functions: each is run once for every sequence of draws that it
could make. Crash draws one of 2**52 integers, but never crashes earlier for a higher one (see
`test_crash`), so the winning draws are counted by bisection.

A simulation plays N times in 100 batches. Its error is the standard error of the batches' mean;
it must stay below a stated size, or the simulation would show nothing, and the mean must lie
within Z = 4 errors of the exact value. Were the seeds not fixed, a correct game would fail about
once in 8,000 runs (Student's t, 99 degrees of freedom).
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from fractions import Fraction
from functools import cache, partial
from itertools import islice
from math import prod, sqrt
from statistics import fmean, stdev
from types import ModuleType
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.games import crash, gacha, rps, slot
from domain.randomness import Randomness
from tests.support.fakes import ScriptedRandomness, SeededRandomness

Outcome = TypeVar("Outcome", bound=Hashable)
Play = tuple[int, int]
"""What a play cost, and what it won."""

Z = 4
BATCHES = 100
CRASH_DRAWS = 2**52
RPS_RETURN = Fraction(59, 60)
CRASH_RETURN = Fraction(97, 100)
ELAPSED_MS = st.integers(0, 20_000) | st.integers(0, 160_000)


class _Odometer(Randomness):
    """Draws the given values, then zeros, and notes what was drawn below which bound."""

    def __init__(self, start: list[int]) -> None:
        self.drawn: list[int] = []
        self.bounds: list[int] = []
        self._start = start

    def below(self, bound: int) -> int:
        position = len(self.drawn)
        value = self._start[position] if position < len(self._start) else 0
        self.drawn.append(value)
        self.bounds.append(bound)
        return value

    def turned(self) -> list[int]:
        """The next sequence of draws, empty after the last."""
        drawn = list(self.drawn)
        while drawn and drawn[-1] + 1 == self.bounds[len(drawn) - 1]:
            drawn.pop()
        if drawn:
            drawn[-1] += 1
        return drawn


def distribution(play: Callable[[Randomness], Outcome]) -> dict[Outcome, Fraction]:
    """The exact chance of every outcome, from all sequences of draws."""
    ways: Counter[tuple[Outcome, int]] = Counter()
    start: list[int] = []
    while True:
        draws = _Odometer(start)
        outcome = play(draws)
        ways[outcome, prod(draws.bounds)] += 1
        if not (start := draws.turned()):
            break
    chances: dict[Outcome, Fraction] = defaultdict(Fraction)
    for (outcome, size), count in ways.items():
        chances[outcome] += Fraction(count, size)
    assert sum(chances.values()) == 1
    return chances


def mean(chances: dict[int, Fraction]) -> Fraction:
    return sum((value * chance for value, chance in chances.items()), Fraction())


def states(module: ModuleType, figure: str) -> bool:
    """Whether the docstring has the figure, a space or bracket before it."""
    return any(mark + figure in (module.__doc__ or "") for mark in " (\n")


def percent(value: Fraction) -> str:
    return f"{float(100 * value):.2f} %"


@cache
def slot_return() -> Fraction:
    return mean(distribution(lambda draws: slot.spin(1, draws).win))


@cache
def gacha_win_per_pull() -> Fraction:
    """What a pull wins in the long run: the mean win of a cycle, from one legendary item to the
    next, over the mean number of its pulls."""
    wins, pulls, reached = Fraction(), Fraction(), Fraction(1)
    pity = 0
    while reached:
        chances = distribution(partial(_win_and_pity, pity=pity))
        wins += reached * sum(win * chance for (win, _), chance in chances.items())
        pulls += reached
        reached *= sum(chance for (_, after), chance in chances.items() if after)
        pity += 1
    return wins / pulls


def _win_and_pity(draws: Randomness, pity: int) -> tuple[int, int]:
    pulls = gacha.pull(1, pity, draws)
    assert pulls.pity in (0, pity + 1)
    return pulls.win, pulls.pity


def winning_draws(win_for: Callable[[Randomness], int]) -> int:
    """How many of the 2**52 draws win anything, all of them being the highest."""
    first = bisect_left(
        range(CRASH_DRAWS), True, key=lambda drawn: win_for(ScriptedRandomness(drawn)) > 0
    )
    return CRASH_DRAWS - first


def reaches(point: int, draws: Randomness) -> int:
    """1 if the crash point is this one or higher, else 0."""
    return int(crash.draw_crash_point(draws) >= point)


def automatic(auto_cashout: int, draws: Randomness, amount: int = 100) -> int:
    """What a bet on this multiplier wins."""
    return crash.bet(amount, auto_cashout, round_id="", now_ms=0, randomness=draws).win


def by_hand(elapsed_ms: int, draws: Randomness, amount: int = 100) -> int:
    """What a bet wins that is cashed out after this time."""
    opened = crash.bet(amount, None, round_id="", now_ms=0, randomness=draws)
    return crash.cash_out(opened, elapsed_ms).win


def crash_return(win_for: Callable[[Randomness], int]) -> Fraction:
    """The part of a bet of 100 gold that comes back; every draw that wins wins the same."""
    won = win_for(ScriptedRandomness(CRASH_DRAWS - 1))
    return Fraction(won * winning_draws(win_for), 100 * CRASH_DRAWS)


def test_slot_returns_what_it_states() -> None:
    """Over all 32,768 stops of three reels, 31,054 bets are returned."""
    assert slot_return() == Fraction(31_054, 32_768)
    assert states(slot, "94.77 % (31,054/32,768)")
    assert percent(slot_return()) == "94.77 %"


@pytest.mark.parametrize("choice", rps.Hand)
def test_rps_returns_what_it_states(choice: rps.Hand) -> None:
    """For every hand, 59/60 of a bet is returned where nothing is rounded."""
    returned = mean(distribution(lambda draws: rps.play(choice, 100, draws).win)) / 100
    assert returned == RPS_RETURN
    assert states(rps, "98.33 % (59/60)")
    assert percent(returned) == "98.33 %"


def test_rps_keeps_less_than_a_third_of_a_gold_by_rounding() -> None:
    """Every bet gives back 59/60 or less by the rounding of a win, which has one chance in three;
    nothing is rounded for bets that 20 divides."""
    for bet in range(1, 10_001):
        won = sum(rps.play(rps.Hand.ROCK, bet, ScriptedRandomness(house)).win for house in range(3))
        kept = RPS_RETURN * bet - Fraction(won, 3)
        assert 0 <= kept < Fraction(1, 3)
        assert (kept == 0) == (bet % 20 == 0)


def test_gacha_returns_what_it_states() -> None:
    """The percentages of single pulls and of ten-pulls are those of the docstring."""
    win = gacha_win_per_pull()
    single, by_ten = win / gacha.price(1), win * 10 / gacha.price(10)
    assert (percent(single), percent(by_ten)) == ("92.21 %", "97.06 %")
    assert states(gacha, "92.21 % of the price of single pulls and 97.06 % of ten-pulls")


def test_gacha_agrees_with_the_formula() -> None:
    """With a chance q against a legendary item, a cycle has (1 - q^50) / (1 - q) pulls, all but
    its last of the other rarities."""
    q = Fraction(990, 1000)
    pulls = (1 - q**50) / (1 - q)
    ordinary = Fraction(700 * 20 + 230 * 100 + 60 * 400, 990)
    assert ((pulls - 1) * ordinary + 1_270) / pulls == gacha_win_per_pull()


def test_crash_points_are_reached_as_often_as_stated() -> None:
    """A point of m or more has a chance of 0.97 / m, to the last of the 2**52 draws; and 0.97 is
    what the docstring says."""
    for point in (101, 150, 200, 250, 1_000, 12_345, 999_999, 1_000_000):
        reached = winning_draws(partial(reaches, point))
        assert CRASH_DRAWS * 97 // point == reached
    assert states(crash, "0.97 / m")


@given(st.integers(crash.MIN_CASHOUT, 500) | st.integers(crash.MIN_CASHOUT, crash.MAX_MULTIPLIER))
def test_crash_returns_what_it_states(auto_cashout: int) -> None:
    """For every target, 97 % is returned, never more, and less by under one draw's worth."""
    returned = crash_return(lambda draws: automatic(auto_cashout, draws))
    assert 0 <= CRASH_RETURN - returned < Fraction(auto_cashout, 100 * CRASH_DRAWS)
    assert states(crash, "97 %")


@given(ELAPSED_MS)
def test_crash_returns_no_more_by_hand(elapsed_ms: int) -> None:
    """A cash-out at m needs a point above it: 97 % times m / (m + 1), the rounding to hundredths
    that the docstring sets aside; at the highest multiplier every round has crashed."""
    multiplier = crash.multiplier_after(elapsed_ms)
    won = winning_draws(lambda draws: by_hand(elapsed_ms, draws))
    if multiplier == crash.MAX_MULTIPLIER:
        assert won == 0
    else:
        assert CRASH_DRAWS * 97 // (multiplier + 1) == won
        assert crash_return(lambda draws: by_hand(elapsed_ms, draws)) < CRASH_RETURN


def slot_plays(draws: Randomness) -> Iterator[Play]:
    while True:
        yield 10, slot.spin(10, draws).win


def rps_plays(draws: Randomness) -> Iterator[Play]:
    while True:
        yield 100, rps.play(rps.Hand.PAPER, 100, draws).win


def gacha_plays(pull_count: int, draws: Randomness) -> Iterator[Play]:
    pity = 0
    while True:
        pulls = gacha.pull(pull_count, pity, draws)
        pity = pulls.pity
        yield pulls.cost, pulls.win


def crash_plays(win_for: Callable[[Randomness], int], draws: Randomness) -> Iterator[Play]:
    while True:
        yield 100, win_for(draws)


@pytest.mark.parametrize(
    ("plays", "exact", "count", "largest_error"),
    [
        pytest.param(slot_plays, slot_return, 150_000, 0.025, id="slot"),
        pytest.param(rps_plays, lambda: RPS_RETURN, 50_000, 0.005, id="rps"),
        pytest.param(
            lambda draws: gacha_plays(1, draws),
            lambda: gacha_win_per_pull() / 100,
            50_000,
            0.01,
            id="gacha, single pulls",
        ),
        pytest.param(
            lambda draws: gacha_plays(10, draws),
            lambda: gacha_win_per_pull() / 95,
            5_000,
            0.01,
            id="gacha, ten-pulls",
        ),
        pytest.param(
            lambda draws: crash_plays(lambda d: automatic(200, d), draws),
            lambda: crash_return(lambda draws: automatic(200, draws)),
            50_000,
            0.01,
            id="crash, aimed at 2.00",
        ),
        pytest.param(
            lambda draws: crash_plays(lambda d: by_hand(5_000, d), draws),
            lambda: crash_return(lambda draws: by_hand(5_000, draws)),
            50_000,
            0.01,
            id="crash, cashed out after 5 s",
        ),
    ],
)
def test_a_simulation_agrees(
    plays: Callable[[Randomness], Iterator[Play]],
    exact: Callable[[], Fraction],
    count: int,
    largest_error: float,
) -> None:
    """Played over and over, a game gives back its exact percentage, within Z standard errors."""
    played = plays(SeededRandomness(20_240_301))
    returns = []
    for _ in range(BATCHES):
        costs, wins = zip(*islice(played, count // BATCHES), strict=True)
        returns.append(sum(wins) / sum(costs))
    error = stdev(returns) / sqrt(BATCHES)
    assert error < largest_error
    assert abs(fmean(returns) - exact()) <= Z * error
