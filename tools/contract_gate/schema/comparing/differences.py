"""What one union admits and another does not, with a value for each difference."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from attrs import evolve, frozen

from tools.contract_gate.schema.comparing.describing import describe
from tools.contract_gate.schema.errors import Undecidable
from tools.contract_gate.schema.examples import numbers, strings
from tools.contract_gate.schema.examples.sampling import (
    array_of,
    array_with,
    fresh_name,
    object_with,
    sample,
    samples,
)
from tools.contract_gate.schema.reading.disjoint import DISCRIMINATED, distance
from tools.contract_gate.schema.shapes import (
    EVERY_KIND,
    Anything,
    Array,
    Number,
    Object,
    Shape,
    String,
    Union,
    Values,
)
from tools.contract_gate.schema.validity import accepts, has_duplicates


@frozen
class Difference:
    """A place and a value that is admitted there by one union and not by the other.

    `kind` is "values", "content", "length", "missing" (a field may be left out) or "unknown" (a
    field is not declared). `admitted` and `limit` describe the two in words.
    """

    place: tuple[str, ...]
    kind: str
    admitted: str
    limit: str
    example: Any


def differences(one: Union, other: Union) -> list[Difference]:
    """All values of `one` are in `other` if the list is empty."""
    if one == other:
        return []
    found: list[Difference] = []
    for shape in one:
        found += _outside(shape, one, other)
    return list({(each.place, each.kind): each for each in reversed(found)}.values())[::-1]


def _outside(shape: Shape, one: Union, other: Union) -> list[Difference]:
    if any(isinstance(each, Anything) for each in other):
        return []
    if isinstance(shape, Anything):
        return [each for kind in EVERY_KIND for each in _outside(kind, one, other)]
    if isinstance(shape, Values):
        refused = [value for value in shape.values if not accepts(other, value)]
        return [_here("values", one, other, refused[0])] if refused else []
    return _outside_all(shape, one, other)


def _outside_all(shape: Shape, one: Union, other: Union) -> list[Difference]:
    """A shape lies within a union if it lies within one of its shapes. Otherwise there must be a
    value that the whole union refuses; it is not enough that each shape refuses another one."""
    best: list[Difference] | None = None
    for candidate in comparable(shape, other):
        try:
            found = _compare(shape, candidate, one, other)
        except Undecidable:
            continue
        if not found:
            return []
        refused = [each for each in found if not accepts(other, each.example)]
        if refused and (best is None or len(refused) < len(best)):
            best = refused
    if best is not None:
        return best
    for value in samples((shape,)):
        if not accepts(other, value):
            return [_here("content", one, other, value)]
    raise Undecidable(f"cannot tell whether ({describe((shape,))}) is in ({describe(other)})")


def comparable(shape: Shape, other: Union) -> list[Shape]:
    """The shapes of the same kind; of objects, those that are most likely meant to be the same."""
    if not isinstance(shape, Object):
        return [each for each in other if type(each) is type(shape)]
    objects = [(distance(shape, each), each) for each in other if isinstance(each, Object)]
    least = min((away for away, _ in objects), default=0)
    return [each for away, each in objects if away == least < DISCRIMINATED]


def _compare(shape: Shape, candidate: Shape, one: Union, other: Union) -> list[Difference]:
    match shape, candidate:
        case Number(), Number():
            return _numbers(shape, candidate, one, other)
        case String(), String():
            return _strings(shape, candidate, one, other)
        case Array(), Array():
            return list(_arrays(shape, candidate))
        case Object(), Object():
            return list(_objects(shape, candidate))
    raise AssertionError("only shapes of one kind are compared")


def _here(kind: str, one: Union, other: Union, example: Any) -> Difference:
    return Difference((), kind, describe(one), describe(other), example)


def _numbers(one: Number, other: Number, ours: Union, theirs: Union) -> list[Difference]:
    if numbers.within(one, other):
        return []
    for value in numbers.numbers_of(one, other):
        if accepts((one,), value) and not accepts((other,), value):
            return [_here("content", ours, theirs, value)]
    raise Undecidable("found no number that shows the difference of two ranges")


def _strings(one: String, other: String, ours: Union, theirs: Union) -> list[Difference]:
    if strings.within(one, other):
        return []
    for text in strings.strings_of(one, other):
        if accepts((one,), text) and not accepts(theirs, text):
            return [_here("content", ours, theirs, text)]
    searched = strings.search(one, lambda text: not accepts(theirs, text))
    if searched is None:
        raise Undecidable(f"cannot tell whether ({describe((one,))}) is in ({describe((other,))})")
    return [_here("content", ours, theirs, searched)]


def inside(name: str, found: list[Difference], put: Callable[[Any], Any]) -> Iterator[Difference]:
    """The differences of a part, as differences of the whole."""
    for each in found:
        yield evolve(each, place=(name, *each.place), example=put(each.example))


def _arrays(one: Array, other: Array) -> Iterator[Difference]:
    limit = one.max_items
    if one.min_items < other.min_items:
        yield _here("length", (one,), (other,), array_of(one, one.min_items))
    if other.max_items is not None and (limit is None or limit > other.max_items):
        length = max(other.max_items + 1, one.min_items)
        yield _here("length", (one,), (other,), array_of(one, length))
    if other.unique and not one.unique and (limit is None or limit > 1):
        yield _here("content", (one,), (other,), _repetition(one))
    for index in range(max(len(one.prefix), len(other.prefix)) + 1):
        if limit is None or index < limit:
            found = differences(one.item(index), other.item(index))
            yield from inside("[]", found, partial(array_with, one, index))


def _repetition(one: Array) -> list[Any]:
    """An array with an item twice; Undecidable if there is none, for it may be that all differ."""
    items = array_of(one, max(one.min_items, 2))
    if not has_duplicates(items):
        raise Undecidable("cannot tell whether an array may repeat an item")
    return items


def _objects(one: Object, other: Object) -> Iterator[Difference]:
    for name in sorted(other.required - one.required):
        admitted = describe(one.field(name))
        example = object_with(one)
        yield Difference((name,), "missing", f"{admitted}, or left out", "always there", example)
    for name in dict.fromkeys([*one.fields, *other.fields]):
        yield from _field(one, other, name)
    if one.additional:
        rest = fresh_name(one, other)
        found = differences(one.additional, other.additional)
        yield from inside("*", found, lambda value: object_with(one, **{rest: value}))


def _field(one: Object, other: Object, name: str) -> Iterator[Difference]:
    ours, theirs = one.field(name), other.field(name)
    if ours and not theirs:
        example = object_with(one, **{name: sample(ours)})
        yield Difference((name,), "unknown", describe(ours), "not declared", example)
    elif ours:
        found = differences(ours, theirs)
        yield from inside(name, found, lambda value: object_with(one, **{name: value}))
