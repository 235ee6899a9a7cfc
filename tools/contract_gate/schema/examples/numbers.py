"""Numbers: whether a range lies within another, and numbers at its ends."""

from collections.abc import Iterator

from tools.contract_gate.schema.shapes import Bound, Number


def numbers_of(shape: Number, *others: Number) -> Iterator[float]:
    """Numbers at and around the limits of the ranges; not all of them are inside."""
    marks = [bound.value for one in (shape, *others) for bound in (one.low, one.high) if bound]
    steps = [one.multiple_of for one in (shape, *others) if one.multiple_of]
    yield from (1, 0) if not marks else ()
    for mark in marks:
        yield from (mark, mark + 1, mark - 1, mark + 0.5, mark - 0.5)
    for one in marks:
        yield from ((one + mark) / 2 for mark in marks)
    yield from (0, 1, -1, 0.5, 1.5, 2, 3, 0.25, 0.1, 10**6, -(10**6))
    for step in steps:
        yield from (step * factor for factor in range(-3, 8))
        yield from (step * (mark // step + 1) for mark in marks)


def within(one: Number, other: Number) -> bool:
    """Whether each number of one is one of the other's."""
    return (
        (one.integer or not other.integer)
        and _starts_within(one.low, other.low)
        and _ends_within(one.high, other.high)
        and _is_multiple(one, other)
    )


def _starts_within(one: Bound | None, other: Bound | None) -> bool:
    if other is None:
        return True
    if one is None or one.value < other.value:
        return False
    return one.value > other.value or one.exclusive or not other.exclusive


def _ends_within(one: Bound | None, other: Bound | None) -> bool:
    if other is None:
        return True
    if one is None or one.value > other.value:
        return False
    return one.value < other.value or one.exclusive or not other.exclusive


def _is_multiple(one: Number, other: Number) -> bool:
    if other.multiple_of is None or one.multiple_of == other.multiple_of:
        return True
    if one.integer and other.multiple_of == 1:
        return True
    both = (one.multiple_of, other.multiple_of)
    # Only whole steps are compared: the remainder of fractions is not exact.
    return all(isinstance(step, int) for step in both) and both[0] % both[1] == 0  # type: ignore
