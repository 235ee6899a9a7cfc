"""Gacha: random items of four rarities. The gold value of an item is paid out immediately.

One pull costs 100 gold, a ten-pull 950. After 49 pulls in a row without a legendary item, the 50th
is legendary (pity). Returns 92.21 % of the price of single pulls and 97.06 % of ten-pulls.
"""

from enum import StrEnum
from typing import Annotated

from attrs import asdict, frozen

from domain.constraints import Description
from domain.errors import InvalidInput
from domain.randomness import Randomness

PRICES = {1: 100, 10: 950}
"""Price in gold by number of pulls; other numbers are not offered."""

PITY = 50
"""Number of the pull since the last legendary item that is certain to be legendary."""


class Rarity(StrEnum):
    """The rarity of an item; it decides the value."""

    COMMON = "common"
    RARE = "rare"
    EPIC = "epic"
    LEGENDARY = "legendary"


CHANCES = {Rarity.COMMON: 700, Rarity.RARE: 230, Rarity.EPIC: 60, Rarity.LEGENDARY: 10}
"""Probability of each rarity, out of 1,000."""

VALUES = {Rarity.COMMON: 20, Rarity.RARE: 100, Rarity.EPIC: 400, Rarity.LEGENDARY: 1_270}
"""Gold paid out for an item, by rarity."""

ITEMS = {
    Rarity.COMMON: ("copper_coin", "glass_bead", "paper_fan", "tin_whistle"),
    Rarity.RARE: ("jade_ring", "silver_mirror", "silk_banner"),
    Rarity.EPIC: ("phoenix_feather", "storm_lantern"),
    Rarity.LEGENDARY: ("dragon_crown",),
}


@frozen
class Item:
    """A pulled item; `value` is the gold paid out for it."""

    item_id: Annotated[str, Description("The id of the item.")]
    rarity: Annotated[Rarity, Description("Its rarity.")]
    value: Annotated[int, Description("The gold that is paid out for it.")]


@frozen
class Pulls:
    """The result of one request. `cost` and `win` are in gold; `pity` is the number of pulls since
    the last legendary item, these included, `pity_before` without these."""

    items: tuple[Item, ...]
    cost: int
    win: int
    pity: int
    pity_before: int

    def result(self) -> dict[str, object]:
        """The form of the event's `result`."""
        return {
            "items": [asdict(item) for item in self.items],
            "win": self.win,
            "pity": self.pity,
            "pity_before": self.pity_before,
        }


def price(pull_count: int) -> int:
    """The price of `pull_count` pulls in gold; InvalidInput if that number is not offered."""
    try:
        return PRICES[pull_count]
    except KeyError:
        offers = " or ".join(map(str, PRICES))
        raise InvalidInput("pull_count", f"must be {offers}") from None


def pull(pull_count: int, pity: int, randomness: Randomness) -> Pulls:
    """Pull `pull_count` items. `pity` is the number of pulls since the last legendary item."""
    cost, pity_before = price(pull_count), pity
    items = []
    for _ in range(pull_count):
        item = _pull_one(certain=pity + 1 >= PITY, randomness=randomness)
        pity = 0 if item.rarity is Rarity.LEGENDARY else pity + 1
        items.append(item)
    return Pulls(tuple(items), cost, sum(item.value for item in items), pity, pity_before)


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
