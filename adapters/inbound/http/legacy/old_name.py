"""A name of deployed clients in a body or an answer."""

from collections.abc import Callable
from typing import Any

from attrs import frozen

_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


@frozen
class OldName:
    """`kind` is the type of the value, `None` for any. `derive` makes the value of an answer from
    our result; names in bodies have none."""

    kind: type | None
    meaning: str
    derive: Callable[[Any], object] | None = None

    def schema(self) -> dict[str, Any]:
        """The property in the OpenAPI document."""
        kind = {"type": _TYPES[self.kind]} if self.kind else {}
        return {**kind, "description": self.meaning, "deprecated": True}
