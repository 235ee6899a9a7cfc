"""Bet limits that apply to all games."""

from typing import Annotated

from domain.constraints import Description, Range
from domain.errors import InvalidInput

MIN_BET = 1
MAX_BET = 10_000

Bet = Annotated[int, Range(MIN_BET, MAX_BET), Description("Whole gold.")]


def check_bet(bet: int, field: str = "bet_amount") -> None:
    """InvalidInput unless the bet is within MIN_BET and MAX_BET."""
    if not MIN_BET <= bet <= MAX_BET:
        raise InvalidInput(field, f"must be between {MIN_BET} and {MAX_BET}")
