"""A name of deployed clients in a body or an answer."""

from collections.abc import Callable
from typing import Any

from attrs import frozen
from litestar.openapi.spec import OpenAPIType, Schema

_TYPES = {
    bool: OpenAPIType.BOOLEAN,
    int: OpenAPIType.INTEGER,
    float: OpenAPIType.NUMBER,
    str: OpenAPIType.STRING,
}


@frozen
class OldName:
    """`kind` is the type of the value, `None` for any. `derive` makes the value of an answer from
    our result; names in bodies have none."""

    kind: type | None
    meaning: str
    derive: Callable[[Any], object] | None = None

    def schema(self) -> Schema:
        """The property in the OpenAPI document."""
        return Schema(
            type=_TYPES[self.kind] if self.kind else None,
            description=self.meaning,
            deprecated=True,
        )
