"""Slot: three equal reels of 32 stops.

Returns 94.77 % (31,054/32,768) of the bet, before level and event rewards.
"""

from itertools import accumulate

from attrs import frozen

from domain.games.bets import check_bet
from domain.randomness import Randomness

STOPS = {"lemon": 11, "cherry": 9, "bell": 6, "bar": 4, "seven": 2}
"""Number of stops per reel that show each symbol."""

THREE_OF_A_KIND = {"lemon": 5, "cherry": 10, "bell": 20, "bar": 50, "seven": 500}
"""Pay-out of three equal symbols, in multiples of the bet. Three sevens are the jackpot."""

TWO_CHERRIES = 1
"""Pay-out of exactly two cherries, in multiples of the bet."""

REEL_SIZE = sum(STOPS.values())
_LAST_STOPS = list(zip(accumulate(STOPS.values()), STOPS, strict=True))


@frozen
class Spin:
    """One spin. `win` is the gross pay-out in gold (the bet is not deducted)."""

    reels: tuple[str, str, str]
    win: int
    jackpot: bool

    def result(self) -> dict[str, object]:
        """The form of the event's `result`."""
        return {"reels": self.reels, "win": self.win, "jackpot": self.jackpot}


def spin(bet: int, randomness: Randomness) -> Spin:
    """Spin once for `bet` gold."""
    check_bet(bet)
    reels = (_stop(randomness), _stop(randomness), _stop(randomness))
    return Spin(reels, bet * multiplier(reels), jackpot=reels == ("seven",) * 3)


def multiplier(reels: tuple[str, str, str]) -> int:
    """The pay-out of the reels, in multiples of the bet."""
    if len(set(reels)) == 1:
        return THREE_OF_A_KIND[reels[0]]
    return TWO_CHERRIES if reels.count("cherry") == 2 else 0


def _stop(randomness: Randomness) -> str:
    position = randomness.below(REEL_SIZE)
    return next(symbol for last, symbol in _LAST_STOPS if position < last)
