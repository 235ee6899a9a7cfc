"""Whether two unions have no value in common, as far as that is easy to see."""

from tools.contract_gate.schema.shapes import Anything, Object, Shape, Union, Values
from tools.contract_gate.schema.validity import accepts

DISCRIMINATED = 100
"""The distance of objects that have different values in a field such as `type`."""


def disjoint(one: Union, other: Union) -> bool:
    """True: no common value. False: there may be one."""
    return all(_apart(first, second) for first in one for second in other)


def _apart(one: Shape, other: Shape) -> bool:
    if isinstance(one, Anything) or isinstance(other, Anything):
        return False
    if isinstance(one, Values):
        return not any(accepts((other,), value) for value in one.values)
    if isinstance(other, Values):
        return not any(accepts((one,), value) for value in other.values)
    if isinstance(one, Object) and isinstance(other, Object):
        return distance(one, other) > 0
    return type(one) is not type(other)


def distance(one: Object, other: Object) -> int:
    """0 if the objects may have values in common; more the more fields keep them apart.

    Fields with given values on both sides, such as `type`, count most: they are discriminators.
    """
    return sum(
        DISCRIMINATED if _is_given(one.field(name)) and _is_given(other.field(name)) else 1
        for name in one.required | other.required
        if disjoint(one.field(name), other.field(name))
    )


def _is_given(union: Union) -> bool:
    return bool(union) and all(isinstance(shape, Values) for shape in union)
