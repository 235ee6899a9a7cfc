"""The form in which schemas are compared: a union of shapes, each of one kind of value.

The empty union admits nothing. Shapes that admit nothing are left out by the parser.
"""

from typing import Any

from attrs import field, frozen


@frozen
class Anything:
    """Every value."""


def _as_in_json(value: Any) -> Any:
    """For comparison: in Python, 1 equals True."""
    if isinstance(value, list | tuple):
        return tuple(_as_in_json(item) for item in value)
    if isinstance(value, dict):
        return {name: _as_in_json(item) for name, item in value.items()}
    return (isinstance(value, bool), value)


@frozen
class Values:
    """A finite set of values. null and the booleans have this form, too.

    `open`: it is announced that more values follow. It does not decide what is valid.
    """

    values: tuple[Any, ...] = field(eq=_as_in_json)
    open: bool = False


@frozen
class Bound:
    """A limit of a number; `exclusive` if the number itself is outside."""

    value: float
    exclusive: bool = False


@frozen
class Number:
    """Numbers in a range. Limits of integers are whole and inclusive."""

    integer: bool = False
    low: Bound | None = None
    high: Bound | None = None
    multiple_of: float | None = None


@frozen
class String:
    """Strings; lengths in code points."""

    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None
    format: str | None = None


@frozen
class Array:
    """Lists: `prefix` has the unions of the first items, `items` that of the others."""

    prefix: "tuple[Union, ...]"
    items: "Union"
    min_items: int = 0
    max_items: int | None = None
    unique: bool = False

    def item(self, index: int) -> "Union":
        """What may stand at this place."""
        return self.prefix[index] if index < len(self.prefix) else self.items


@frozen
class Object:
    """Objects; `additional` is the union of all fields that `fields` does not name."""

    fields: "dict[str, Union]"
    required: frozenset[str]
    additional: "Union"

    def field(self, name: str) -> "Union":
        """What the field may contain; the empty union if it is forbidden."""
        return self.fields.get(name, self.additional)


Shape = Anything | Values | Number | String | Array | Object
Union = tuple[Shape, ...]

ANYTHING: Union = (Anything(),)
NULL = Values((None,))
BOOLEAN = Values((False, True))
EVERY_KIND: Union = (
    NULL,
    BOOLEAN,
    Number(),
    String(),
    Array((), ANYTHING),
    Object({}, frozenset(), ANYTHING),
)
"""The same as `ANYTHING`, kind by kind."""
