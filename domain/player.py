"""The player: profile, wallet, level and tier.

The level is `exp // 500 + 1`. The tier depends on the gold spent in the shop.
"""

import unicodedata
from enum import StrEnum
from typing import Annotated

from attrs import evolve, frozen

from domain.constraints import Description, Example
from domain.errors import Conflict, InsufficientGold, InvalidInput
from domain.fairness import SeedPair

STARTING_GOLD = 1_000
EXP_PER_LEVEL = 500
LEVEL_UP_GOLD = 100
"""Gold granted for each new level."""

NO_SEEDS = SeedPair()

MAX_AMOUNT = 2**53 - 1
"""Upper limit of gold and exp: the largest integer that JavaScript represents exactly."""

MIN_NICKNAME, MAX_NICKNAME = 2, 30
_JOINER = "\u200d"
"""Zero-width joiner: combines several emoji into one; `str.isprintable` rejects it."""


class Tier(StrEnum):
    """The loyalty tier of a player."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    PLATINUM = "platinum"


SPENT_FOR = {Tier.PLATINUM: 20_000, Tier.GOLD: 5_000, Tier.SILVER: 1_000, Tier.BRONZE: 0}
"""Gold spent from which a tier applies, highest tier first."""


@frozen(kw_only=True)
class Profile:
    """The fields that devices display. `profile_update` contains those that changed."""

    nickname: Annotated[str, Description("The name that others see; not unique."), Example("Ada")]
    gold: Annotated[int, Description("The balance."), Example(990)]
    exp: Annotated[int, Description("Experience points."), Example(501)]
    level: Annotated[int, Description("From 1; one more per 500 `exp`."), Example(2)]
    tier: Annotated[Tier, Description("The loyalty tier, by `total_spent`.")]
    total_spent: Annotated[int, Description("Gold spent in the shop."), Example(300)]


@frozen(kw_only=True)
class Player:
    """A player's state. Gold and exp are whole numbers from 0 to MAX_AMOUNT.

    `gacha_pity` counts the pulls since the last legendary item; `marathon_plays` counts the games
    in the ISO week `marathon_week`, and `marathon_wagered` the gold bet in those up to the target.
    """

    user_id: int
    nickname: str
    gold: int = 0
    exp: int = 0
    total_spent: int = 0
    gacha_pity: int = 0
    marathon_week: str = ""
    marathon_plays: int = 0
    marathon_wagered: int = 0
    seeds: SeedPair = NO_SEEDS

    @property
    def level(self) -> int:
        """The level: 1 for a new player, one more per 500 exp."""
        return self.exp // EXP_PER_LEVEL + 1

    def profile(self) -> Profile:
        """What devices display."""
        return Profile(
            nickname=self.nickname,
            gold=self.gold,
            exp=self.exp,
            level=self.level,
            tier=self.tier,
            total_spent=self.total_spent,
        )

    @property
    def tier(self) -> Tier:
        """The highest tier whose threshold `total_spent` reaches."""
        return next(tier for tier, spent in SPENT_FOR.items() if self.total_spent >= spent)

    def credited(self, amount: int) -> "Player":
        """The player with `amount` more gold; Conflict (`wallet_full`) beyond MAX_AMOUNT."""
        _check_amount(amount)
        if self.gold + amount > MAX_AMOUNT:
            raise Conflict("the wallet is full", code="wallet_full")
        return evolve(self, gold=self.gold + amount)

    def charged(self, amount: int) -> "Player":
        """The player with `amount` less gold; InsufficientGold if the balance is lower."""
        _check_amount(amount)
        if amount > self.gold:
            raise InsufficientGold(needed=amount, available=self.gold)
        return evolve(self, gold=self.gold - amount)

    def experienced(self, exp: int) -> "Player":
        """The player with `exp` more points, capped at MAX_AMOUNT."""
        return evolve(self, exp=min(self.exp + exp, MAX_AMOUNT))


def _check_amount(amount: int) -> None:
    if amount < 0:
        raise ValueError("an amount of gold must not be negative")


def check_nickname(nickname: str, field: str = "nickname") -> str:
    """The nickname in Unicode NFC, without surrounding space; InvalidInput if its length is out of
    range or if it contains unprintable characters."""
    clean = unicodedata.normalize("NFC", nickname).strip()
    if not MIN_NICKNAME <= len(clean) <= MAX_NICKNAME:
        raise InvalidInput(field, f"must have {MIN_NICKNAME} to {MAX_NICKNAME} characters")
    if not clean.replace(_JOINER, "").isprintable():
        raise InvalidInput(field, "must consist of printable characters")
    return clean
