"""Long work in short slices."""

import pytest

from application.connections.cooperative_scheduling import (
    MAX_ITEMS,
    MIN_ITEMS,
    SLICE_S,
    cooperatively,
)
from tests.support.stepping import FakeClock, step_cooperatively


def sizes_of_slices(count: int, slice_s: float) -> list[int]:
    """How many of `count` items are processed per slice, if a slice lasts this long."""
    clock, done = FakeClock(), list[int]()
    sizes: list[int] = []
    for _ in step_cooperatively(cooperatively(done.append, range(count), clock)):
        sizes.append(len(done) - sum(sizes))
        clock.advance(slice_s)
    assert done == list(range(count))
    return sizes


@pytest.mark.parametrize("count", [0, 1, MIN_ITEMS - 1, MIN_ITEMS, MIN_ITEMS + 1, 1000])
def test_all_items_are_processed(count: int) -> None:
    """Each item is processed once, in order."""
    assert sum(sizes_of_slices(count, 0)) == count


def test_slices_grow_while_they_are_short() -> None:
    """They grow up to a limit."""
    sizes = sizes_of_slices(10_000, SLICE_S / 4)
    assert sizes[:3] == [MIN_ITEMS, 2 * MIN_ITEMS, 4 * MIN_ITEMS]
    assert max(sizes) == MAX_ITEMS


def test_slices_stay_as_they_are_when_they_are_right() -> None:
    assert set(sizes_of_slices(20 * MIN_ITEMS, SLICE_S * 0.75)[:-1]) == {MIN_ITEMS}


def test_slices_shrink_when_they_get_long() -> None:
    """They shrink down to a minimum, so there is always progress."""
    clock, done = FakeClock(), list[int]()
    sizes: list[int] = []
    for number, _ in enumerate(step_cooperatively(cooperatively(done.append, range(5000), clock))):
        sizes.append(len(done) - sum(sizes))
        clock.advance(0 if number < 5 else 1)
    assert sizes[5:11] == [MIN_ITEMS * 2**n for n in (5, 4, 3, 2, 1, 0)]
    assert set(sizes[11:]) == {MIN_ITEMS}
