"""Rock, paper, scissors against the house, which draws each hand equally often.

A win pays 1.95 times the bet (rounded down), a draw returns it: 98.33 % (59/60) of what is bet
comes back, exactly so for multiples of 20, otherwise up to a third of a gold less a play.
"""

from enum import StrEnum

from attrs import frozen

from domain.games.bets import check_bet
from domain.randomness import Randomness

WIN_PERCENT = 195


class Hand(StrEnum):
    ROCK = "rock"
    PAPER = "paper"
    SCISSORS = "scissors"


class Outcome(StrEnum):
    WIN = "win"
    DRAW = "draw"
    LOSE = "lose"


BEATS = {Hand.ROCK: Hand.SCISSORS, Hand.PAPER: Hand.ROCK, Hand.SCISSORS: Hand.PAPER}


@frozen
class Round:
    """`win` is gold, the bet not deducted."""

    choice: Hand
    house_choice: Hand
    outcome: Outcome
    win: int


def play(choice: Hand, bet: int, randomness: Randomness) -> Round:
    """Show `choice` for `bet` gold."""
    check_bet(bet)
    house = list(Hand)[randomness.below(len(Hand))]
    if choice == house:
        return Round(choice, house, Outcome.DRAW, bet)
    if BEATS[choice] == house:
        return Round(choice, house, Outcome.WIN, bet * WIN_PERCENT // 100)
    return Round(choice, house, Outcome.LOSE, 0)
