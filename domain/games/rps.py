"""Rock, paper, scissors against the house, which draws each hand with equal probability.

A win pays 1.95 times the bet (rounded down), a draw returns the bet. The expected return is
98.33 % (59/60) of the bet: exactly for multiples of 20, otherwise up to a third of a gold less per
play because of the rounding.
"""

from enum import StrEnum

from attrs import frozen

from domain.games.bets import check_bet
from domain.randomness import Randomness

WIN_PERCENT = 195


class Hand(StrEnum):
    """A choice of the player or the house."""

    ROCK = "rock"
    PAPER = "paper"
    SCISSORS = "scissors"


class Outcome(StrEnum):
    """The result of a round from the player's view."""

    WIN = "win"
    DRAW = "draw"
    LOSE = "lose"


BEATS = {Hand.ROCK: Hand.SCISSORS, Hand.PAPER: Hand.ROCK, Hand.SCISSORS: Hand.PAPER}


@frozen
class Round:
    """One played round. `win` is the gross pay-out in gold (the bet is not deducted)."""

    choice: Hand
    house_choice: Hand
    outcome: Outcome
    win: int

    def result(self) -> dict[str, object]:
        """The form of the event's `result`."""
        return {
            "choice": self.choice,
            "house_choice": self.house_choice,
            "outcome": self.outcome,
            "win": self.win,
        }


def play(choice: Hand, bet: int, randomness: Randomness) -> Round:
    """Play one round with `choice` for `bet` gold."""
    check_bet(bet)
    house = list(Hand)[randomness.below(len(Hand))]
    if choice == house:
        return Round(choice, house, Outcome.DRAW, bet)
    if BEATS[choice] == house:
        return Round(choice, house, Outcome.WIN, bet * WIN_PERCENT // 100)
    return Round(choice, house, Outcome.LOSE, 0)
