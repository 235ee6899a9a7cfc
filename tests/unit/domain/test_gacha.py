"""Gacha: prices, rarities, items, pity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.games.gacha import CHANCES, ITEMS, PITY, VALUES, Item, Pulls, Rarity, price, pull
from domain.randomness import Randomness
from tests.support.fakes import ScriptedRandomness, SeededRandomness

COMMON, RARE, EPIC, LEGENDARY = Rarity
SEEDS = st.integers(0, 2**32)
PITIES = st.integers(0, PITY - 1)


class _Excessive(Randomness):
    """A faulty source that returns the bound itself."""

    def below(self, bound: int) -> int:
        return bound


@pytest.mark.parametrize(("pull_count", "gold"), [(1, 100), (10, 950)])
def test_pulls_are_sold_singly_or_by_ten(pull_count: int, gold: int) -> None:
    """The price on offer is the cost of the pulls."""
    assert gold == price(pull_count)
    assert gold == pull(pull_count, 0, SeededRandomness(1)).cost


@pytest.mark.parametrize("pull_count", [-1, 0, 2, 9, 11, 100])
def test_other_numbers_are_not_on_offer(pull_count: int) -> None:
    """They are refused before anything is drawn, and the message has the allowed ones."""
    with pytest.raises(InvalidInput, match=r"^must be 1 or 10$") as refused:
        pull(pull_count, 0, ScriptedRandomness())
    assert refused.value.field == "pull_count"


@pytest.mark.parametrize(
    ("drawn", "rarity"),
    [
        (0, COMMON),
        (699, COMMON),
        (700, RARE),
        (929, RARE),
        (930, EPIC),
        (989, EPIC),
        (990, LEGENDARY),
        (999, LEGENDARY),
    ],
)
def test_the_draw_decides_on_the_rarity(drawn: int, rarity: Rarity) -> None:
    """The chances follow one another, from common to legendary."""
    pulls = pull(1, 0, ScriptedRandomness(drawn, 0))
    assert [rarity] == [item.rarity for item in pulls.items]


@pytest.mark.parametrize(
    ("drawn", "index", "item"),
    [
        (0, 0, Item("copper_coin", COMMON, 20)),
        (0, 3, Item("tin_whistle", COMMON, 20)),
        (700, 0, Item("jade_ring", RARE, 100)),
        (700, 2, Item("silk_banner", RARE, 100)),
        (930, 1, Item("storm_lantern", EPIC, 400)),
        (990, 0, Item("dragon_crown", LEGENDARY, 1_270)),
    ],
    ids=lambda value: value.item_id if isinstance(value, Item) else None,
)
def test_a_second_draw_decides_on_the_item(drawn: int, index: int, item: Item) -> None:
    """The item is one of its rarity, and its value is paid out."""
    pulls = pull(1, 0, ScriptedRandomness(drawn, index))
    assert (item,) == pulls.items
    assert item.value == pulls.win


def test_no_item_has_two_rarities() -> None:
    """An item's name alone tells its rarity."""
    names = [name for items in ITEMS.values() for name in items]
    assert len(names) == len(set(names))


def test_every_rarity_has_a_chance_a_value_and_items() -> None:
    """The tables agree, and the rarer an item, the more it is worth."""
    assert list(Rarity) == list(CHANCES) == list(VALUES) == list(ITEMS)
    assert sum(CHANCES.values()) == 1000
    assert sorted(CHANCES.values(), reverse=True) == list(CHANCES.values())
    assert sorted(VALUES.values()) == list(VALUES.values())


@pytest.mark.parametrize(
    ("pity", "drawn", "afterwards"),
    [
        pytest.param(0, 989, 1, id="counted from none"),
        pytest.param(47, 0, 48, id="counted on"),
        pytest.param(48, 989, 49, id="the 49th may be ordinary"),
        pytest.param(0, 990, 0, id="a legendary one at once"),
        pytest.param(30, 999, 0, id="a legendary one by luck"),
    ],
)
def test_pity_counts_pulls_since_the_last_legendary(pity: int, drawn: int, afterwards: int) -> None:
    """Each pull counts one further, a legendary one back to none."""
    assert afterwards == pull(1, pity, ScriptedRandomness(drawn, 0)).pity


def test_the_50th_pull_is_legendary_without_luck() -> None:
    """Its rarity is not drawn: the one value is for the item."""
    dragon_crown = Item("dragon_crown", LEGENDARY, 1_270)
    pulls = pull(1, 49, ScriptedRandomness(0))
    assert Pulls((dragon_crown,), cost=100, win=1_270, pity=0, pity_before=49) == pulls


def test_pity_is_counted_within_ten_pulls() -> None:
    """Five pulls short of pity, the fifth of ten is certain and five more are counted."""
    unlucky = [0, 0] * 4
    pulls = pull(10, 45, ScriptedRandomness(*unlucky, 0, *unlucky, 700, 0))
    assert [i.rarity for i in pulls.items] == [COMMON] * 4 + [LEGENDARY] + [COMMON] * 4 + [RARE]
    assert pulls.win == 8 * 20 + 1_270 + 100
    assert pulls.pity == 5


@given(SEEDS, PITIES)
def test_ten_pulls_are_ten_single_pulls_for_less(seed: int, pity: int) -> None:
    """Only the price differs: items and pity are those of pulls one after another."""
    together = pull(10, pity, SeededRandomness(seed))
    randomness = SeededRandomness(seed)
    items: tuple[Item, ...] = ()
    before = pity
    for _ in range(10):
        single = pull(1, pity, randomness)
        items += single.items
        pity = single.pity
    assert Pulls(items, 950, sum(item.value for item in items), pity, before) == together


@given(SEEDS)
def test_nobody_waits_longer_than_50_pulls(seed: int) -> None:
    """Any 50 pulls in a row hold a legendary item."""
    randomness, pity, waited = SeededRandomness(seed), 0, 0
    for _ in range(15):
        pulls = pull(10, pity, randomness)
        pity = pulls.pity
        for item in pulls.items:
            waited = 0 if item.rarity is LEGENDARY else waited + 1
            assert waited < PITY
    assert pity == waited


def test_a_draw_out_of_range_is_no_item() -> None:
    """A faulty source of randomness fails an assertion."""
    with pytest.raises(AssertionError, match="add up to 1,000"):
        pull(1, 0, _Excessive())
