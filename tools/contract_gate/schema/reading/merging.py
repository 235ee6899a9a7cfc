"""The conjunction of two schemas as one, where that is possible without interpretation."""

from collections.abc import Callable
from typing import Any

from tools.contract_gate.schema.errors import Unsupported
from tools.contract_gate.schema.reading.rewriting import OPEN, Schema, is_annotation
from tools.contract_gate.schema.validity import same

_FIELDS = {"properties", "additionalProperties"}
_ITEMS = {"items", "prefixItems"}

_TIGHTER: dict[str, Callable[..., Any]] = {
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
    "required": lambda one, other: sorted({*one, *other}),
}


def merged(one: Schema, other: Schema) -> Schema:
    """What is valid under both; Unsupported where keywords would have to be joined."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    result = {key: value for key, value in one.items() if not is_annotation(key)}
    added = {key: value for key, value in other.items() if not is_annotation(key)}
    if result and added and OPEN in {*result, *added}:
        raise Unsupported("an open enumeration is joined with another schema")
    for related in (_FIELDS, _ITEMS):
        # Which fields are additional depends on the properties beside the keyword.
        ours = {key: result[key] for key in related & result.keys()}
        theirs = {key: added[key] for key in related & added.keys()}
        if ours and theirs and not same(ours, theirs):
            raise Unsupported(f"two schemas with {' or '.join(sorted(related))} are joined")
    for key, value in added.items():
        result[key] = _joined(key, result[key], value) if key in result else value
    return False if result.get("type") == [] else result


def _joined(key: str, one: Any, other: Any) -> Any:
    if same(one, other):
        return one
    if key == "type":
        return _common_types(one, other)
    if key in _TIGHTER:
        return _TIGHTER[key](one, other)
    raise Unsupported(f"two schemas with different {key} are joined")


def _common_types(one: Any, other: Any) -> list[str]:
    ones = {one} if isinstance(one, str) else set(one)
    others = {other} if isinstance(other, str) else set(other)
    common = ones & others
    if "integer" in ones ^ others and "number" in ones ^ others:
        common |= {"integer"}
    return sorted(common)
