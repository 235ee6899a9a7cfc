"""A player: the profile, the wallet and what both imply.

Level is `exp // 500 + 1`. The tier follows from the gold spent in the shop.
"""

import unicodedata
from enum import StrEnum
from typing import Any

from attrs import evolve, frozen

from domain.errors import Conflict, InsufficientGold, InvalidInput

STARTING_GOLD = 1_000
EXP_PER_LEVEL = 500
LEVEL_UP_GOLD = 100
"""Granted for each new level."""

MAX_AMOUNT = 2**53 - 1
"""The largest integer that a JavaScript client reads exactly; no balance or exp exceeds it."""

MIN_NICKNAME, MAX_NICKNAME = 2, 30
_JOINER = "\u200d"
"""Joins several emoji into one; not printable by itself."""


class Tier(StrEnum):
    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


SPENT_FOR = {Tier.PLATINUM: 20_000, Tier.GOLD: 5_000, Tier.SILVER: 1_000, Tier.BRONZE: 0}


@frozen(kw_only=True)
class Player:
    """Amounts are whole gold or exp points, never negative, at most MAX_AMOUNT."""

    user_id: int
    nickname: str
    gold: int = 0
    exp: int = 0
    total_spent: int = 0
    gacha_pity: int = 0
    marathon_week: str = ""
    marathon_plays: int = 0

    @property
    def level(self) -> int:
        return self.exp // EXP_PER_LEVEL + 1

    def profile(self) -> dict[str, Any]:
        """What devices show of the player; `profile_update` brings those fields that changed."""
        return {
            "nickname": self.nickname,
            "gold": self.gold,
            "exp": self.exp,
            "level": self.level,
            "tier": self.tier,
            "total_spent": self.total_spent,
        }

    @property
    def tier(self) -> Tier:
        return next(tier for tier, spent in SPENT_FOR.items() if self.total_spent >= spent)

    def credited(self, amount: int) -> "Player":
        """With `amount` (not negative) more gold; Conflict beyond MAX_AMOUNT."""
        _check_amount(amount)
        if self.gold + amount > MAX_AMOUNT:
            raise Conflict("the wallet is full", code="wallet_full")
        return evolve(self, gold=self.gold + amount)

    def charged(self, amount: int) -> "Player":
        """With `amount` (not negative) less gold; InsufficientGold if there is not that much."""
        _check_amount(amount)
        if amount > self.gold:
            raise InsufficientGold(needed=amount, available=self.gold)
        return evolve(self, gold=self.gold - amount)

    def experienced(self, exp: int) -> "Player":
        """With `exp` more points, up to MAX_AMOUNT."""
        return evolve(self, exp=min(self.exp + exp, MAX_AMOUNT))


def _check_amount(amount: int) -> None:
    if amount < 0:
        raise ValueError("an amount of gold is not negative")


def check_nickname(nickname: str, field: str = "nickname") -> str:
    """The nickname in NFC without space around it; InvalidInput if it cannot be shown."""
    clean = unicodedata.normalize("NFC", nickname).strip()
    if not MIN_NICKNAME <= len(clean) <= MAX_NICKNAME:
        raise InvalidInput(field, f"must have {MIN_NICKNAME} to {MAX_NICKNAME} characters")
    if not clean.replace(_JOINER, "").isprintable():
        raise InvalidInput(field, "must consist of printable characters")
    return clean
