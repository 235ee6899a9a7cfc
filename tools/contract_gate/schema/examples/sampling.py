"""Valid values of shapes, the plainest first, the same in every run."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from tools.contract_gate.schema.errors import Undecidable
from tools.contract_gate.schema.examples.numbers import numbers_of
from tools.contract_gate.schema.examples.strings import strings_of
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
from tools.contract_gate.schema.validity import accepts, same

_ENOUGH = 40


def sample(union: Union) -> Any:
    """One value; Undecidable if none is found."""
    for value in samples(union):
        return value
    raise Undecidable("found no value that a schema admits")


def samples(union: Union) -> Iterator[Any]:
    """Some values of each shape, each of them valid."""
    for shape in union:
        for value in islice(_candidates(shape), _ENOUGH):
            if accepts((shape,), value):
                yield value


def _candidates(shape: Shape) -> Iterable[Any]:
    match shape:
        case Anything():
            return samples(EVERY_KIND)
        case Values():
            return shape.values
        case Number():
            return numbers_of(shape)
        case String():
            return strings_of(shape)
        case Array():
            return _arrays(shape)
        case Object():
            return _objects(shape)


def array_of(shape: Array, length: int) -> list[Any]:
    """An array of this length, with different items where they must be."""
    items: list[Any] = []
    for index in range(length):
        items.append(_next_item(shape, index, items))
    return items


def _next_item(shape: Array, index: int, before: list[Any]) -> Any:
    for value in samples(shape.item(index)):
        if not shape.unique or not any(same(value, one) for one in before):
            return value
    raise Undecidable("found no further item of an array")


def array_with(one: Array, index: int, value: Any) -> list[Any]:
    """The shortest array with the value at this place."""
    items = array_of(one, max(one.min_items, index + 1))
    if not one.unique:
        return [*items[:index], value, *items[index + 1 :]]
    items = [value]
    for place in range(max(one.min_items, index + 1) - 1):
        at = place if place < index else place + 1
        for further in samples(one.item(at)):
            if not any(same(further, each) for each in items):
                items.append(further)
                break
        else:
            raise Undecidable("found no further item of an array")
    return [*items[1 : index + 1], value, *items[index + 1 :]]


def _arrays(shape: Array) -> Iterator[Any]:
    yield array_of(shape, shape.min_items)
    if shape.max_items is None or shape.max_items > shape.min_items:
        try:
            yield array_of(shape, shape.min_items + 1)
        except Undecidable:
            return


def object_with(shape: Object, /, **fields: Any) -> dict[str, Any]:
    """The smallest object with these fields."""
    names = [*(name for name in shape.fields if name in shape.required), *sorted(shape.required)]
    smallest = {
        name: fields[name] if name in fields else sample(shape.field(name)) for name in names
    }
    return {**smallest, **fields}


def _objects(shape: Object) -> Iterator[Any]:
    smallest = object_with(shape)
    yield smallest
    for name, union in shape.fields.items():
        for value in islice(samples(union), 3):
            yield {**smallest, name: value}
    for value in islice(samples(shape.additional), 2):
        yield {**smallest, fresh_name(shape): value}


def fresh_name(*shapes: Object) -> str:
    """A name that none of the objects declares."""
    name = "anything"
    while any(name in shape.fields or name in shape.required for shape in shapes):
        name += "_else"
    return name
