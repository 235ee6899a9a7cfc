"""Constraints on field values, as annotations: `Annotated[int, Range(1, 10)]`.

Adapters validate the fields of commands against them and publish them in the API schemas.
"""

from enum import StrEnum
from typing import Annotated, Any

from attrs import frozen


@frozen
class Range:
    """A number from `low` to `high`, both inclusive."""

    low: float
    high: float


@frozen
class Length:
    """A text of at most `limit` characters, without NUL, which PostgreSQL cannot store."""

    limit: int


@frozen
class Description:
    """The meaning of the field, with its unit, for API documentation."""

    text: str


@frozen(eq=False)
class Example:
    """A value that the field may have, for API documentation. Compared by identity: types with
    annotations are looked up by their hash, and a mapping has none."""

    value: Any


class OpenEnum(StrEnum):
    """Values that later releases add to. Clients must tolerate those that they do not know, and
    none is ever removed; the published schemas mark the enumeration as open."""


ShortText = Annotated[str, Length(200)]
LongText = Annotated[str, Length(500)]
UserId = Annotated[int, Range(1, 2**53 - 1), Description("The id of a user.")]
