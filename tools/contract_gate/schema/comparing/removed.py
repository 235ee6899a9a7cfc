"""Fields, and values of open enumerations, that were declared and are not any more.

Clients that read such a field miss it, even if they had to expect that it is left out. An open
enumeration promises that it only grows.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tools.contract_gate.schema.comparing.describing import describe
from tools.contract_gate.schema.comparing.differences import Difference, comparable, inside
from tools.contract_gate.schema.examples.sampling import array_with, fresh_name, object_with, sample
from tools.contract_gate.schema.shapes import ANYTHING, Array, Object, Shape, Union, Values
from tools.contract_gate.schema.validity import accepts


def removed(one: Union, other: Union) -> list[Difference]:
    """Fields that objects of `one` declare and those of `other` do not, when both are strict; and
    values of open enumerations of which `other` has none."""
    if one == other:
        return []
    found: list[Difference] = []
    for shape in one:
        if isinstance(shape, Values) and shape.open:
            gone = [value for value in shape.values if not accepts(other, value)]
            found += [
                Difference((), "values", describe(one), describe(other), value)
                for value in gone[:1]
            ]
        alike = [each for each in comparable(shape, other) if type(each) is type(shape)]
        if alike:
            found += _removed_from(shape, alike)
    lost = [each for each in found if accepts(one, each.example)]
    return [each for each in lost if not accepts(other, each.example)]


def _removed_from(shape: Shape, alike: list[Shape]) -> Iterator[Difference]:
    if isinstance(shape, Array):
        arrays = [each for each in alike if isinstance(each, Array)]
        places = range(max(len(each.prefix) for each in (shape, *arrays)) + 1)
        for index in places:
            if shape.max_items is None or index < shape.max_items:
                union = tuple(part for each in arrays for part in each.item(index))
                found = removed(shape.item(index), union)
                yield from inside("[]", found, partial(array_with, shape, index))
    if isinstance(shape, Object):
        objects = [each for each in alike if isinstance(each, Object)]
        yield from _removed_fields(shape, objects)


def _removed_fields(one: Object, others: list[Object]) -> Iterator[Difference]:
    names = {name: one.fields[name] for name in one.fields if one.fields[name]}
    if one.additional not in ((), ANYTHING):
        names[fresh_name(one, *others)] = one.additional
    for name, union in names.items():
        admitted = tuple(part for each in others for part in each.field(name))
        shown = name if name in one.fields else "*"

        def put(value: Any, at: str = name) -> dict[str, Any]:
            return object_with(one, **{at: value})

        if not admitted:
            example = put(sample(union))
            yield Difference((shown,), "unknown", describe(union), "not declared", example)
        else:
            yield from inside(shown, removed(union, admitted), put)
