"""What a field may hold, as annotations: `Annotated[int, Range(1, 10)]`.

Adapters check the fields of commands by them and publish them in their schemas.
"""

from typing import Annotated

from attrs import frozen


@frozen
class Range:
    """A number from `low` to `high`, both included."""

    low: float
    high: float


@frozen
class Length:
    """A text of at most `most` characters, without NUL, which PostgreSQL cannot store."""

    most: int


@frozen
class Description:
    """What the field means, with its unit."""

    text: str


ShortText = Annotated[str, Length(200)]
LongText = Annotated[str, Length(500)]
