"""Gacha: pulls of items in four rarities, each worth some gold that is paid out at once.

A pull costs 100 gold, ten at once 950. Every 50th pull without a legendary one is legendary
(pity). Returns 92.21 % of the price of single pulls and 97.06 % of ten-pulls.
"""

from enum import StrEnum

from attrs import frozen

from domain.errors import InvalidInput
from domain.randomness import Randomness

PRICES = {1: 100, 10: 950}
"""Gold by number of pulls; no other number can be pulled at once."""

PITY = 50
"""The pull at which a legendary item is certain, counted from the one after the last."""


class Rarity(StrEnum):
    COMMON = "common"
    RARE = "rare"
    EPIC = "epic"
    LEGENDARY = "legendary"


CHANCES = {Rarity.COMMON: 700, Rarity.RARE: 230, Rarity.EPIC: 60, Rarity.LEGENDARY: 10}
"""Out of 1,000."""

VALUES = {Rarity.COMMON: 20, Rarity.RARE: 100, Rarity.EPIC: 400, Rarity.LEGENDARY: 1_270}
"""Gold paid for an item of each rarity."""

ITEMS = {
    Rarity.COMMON: ("copper_coin", "glass_bead", "paper_fan", "tin_whistle"),
    Rarity.RARE: ("jade_ring", "silver_mirror", "silk_banner"),
    Rarity.EPIC: ("phoenix_feather", "storm_lantern"),
    Rarity.LEGENDARY: ("dragon_crown",),
}


@frozen
class Item:
    item_id: str
    rarity: Rarity
    value: int


@frozen
class Pulls:
    """`pity` is the number of pulls since the last legendary item, afterwards."""

    items: tuple[Item, ...]
    cost: int
    win: int
    pity: int


def price(pull_count: int) -> int:
    """Gold that `pull_count` pulls cost together; InvalidInput for a number not on offer."""
    try:
        return PRICES[pull_count]
    except KeyError:
        offers = " or ".join(map(str, PRICES))
        raise InvalidInput("pull_count", f"must be {offers}") from None


def pull(pull_count: int, pity: int, randomness: Randomness) -> Pulls:
    """Pull `pull_count` items, `pity` pulls after the last legendary one."""
    cost = price(pull_count)
    items = []
    for _ in range(pull_count):
        item = _pull_one(certain=pity + 1 >= PITY, randomness=randomness)
        pity = 0 if item.rarity is Rarity.LEGENDARY else pity + 1
        items.append(item)
    return Pulls(tuple(items), cost, sum(item.value for item in items), pity)


def _pull_one(*, certain: bool, randomness: Randomness) -> Item:
    rarity = Rarity.LEGENDARY if certain else _rarity(randomness.below(1000))
    names = ITEMS[rarity]
    return Item(names[randomness.below(len(names))], rarity, VALUES[rarity])


def _rarity(drawn: int) -> Rarity:
    for rarity, chance in CHANCES.items():
        if drawn < chance:
            return rarity
        drawn -= chance
    raise AssertionError("the chances add up to 1,000")
