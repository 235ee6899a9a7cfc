"""From a schema without references to shapes. What is not known is an error."""

import math
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from tools.contract_gate.schema.errors import Unsupported
from tools.contract_gate.schema.reading.disjoint import disjoint
from tools.contract_gate.schema.reading.merging import merged
from tools.contract_gate.schema.reading.rewriting import OPEN, Schema, is_annotation
from tools.contract_gate.schema.shapes import (
    ANYTHING,
    BOOLEAN,
    NULL,
    Array,
    Bound,
    Number,
    Object,
    Shape,
    String,
    Union,
    Values,
)
from tools.contract_gate.schema.validity import is_valid

_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_OF_STRINGS = {"minLength", "maxLength", "pattern", "format"}
_OF_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_OF_ARRAYS = {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"}
_OF_OBJECTS = {"properties", "required", "additionalProperties"}
_COMBINED = {"type", "const", "enum", "anyOf", "oneOf", "allOf"}
_KNOWN = _OF_STRINGS | _OF_NUMBERS | _OF_ARRAYS | _OF_OBJECTS | _COMBINED | {OPEN}

FORMATS = frozenset(
    {"date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid"}
)
_HINTS = frozenset({"password", "binary", "byte"})
"""Formats that are not checked: hints for forms and generators."""


def parse(schema: Schema) -> Union:
    """The values that the schema admits; Unsupported if it says something unknown."""
    if isinstance(schema, bool):
        return ANYTHING if schema else ()
    keywords = {key: value for key, value in schema.items() if not is_annotation(key)}
    if unknown := keywords.keys() - _KNOWN:
        raise Unsupported(f"the gate does not know the keyword {min(unknown)}")
    if OPEN in keywords:
        _check_open(keywords)
    for combination in ("allOf", "anyOf", "oneOf"):
        if combination in keywords:
            return _combined(combination, keywords)
    if "const" in keywords or "enum" in keywords:
        return _values(keywords)
    if not keywords:
        return ANYTHING
    return tuple(_simplified(_typed(keywords)))


def _combined(combination: str, keywords: dict[str, Any]) -> Union:
    beside = {key: value for key, value in keywords.items() if key != combination}
    parts = keywords[combination]
    if combination == "allOf":
        whole: Schema = beside
        for part in parts:
            whole = merged(whole, part)
        return parse(whole)
    branches = [parse(merged(beside, part)) for part in parts]
    overlapping = any(not disjoint(one, other) for one, other in combinations(branches, 2))
    if combination == "oneOf" and overlapping:
        raise Unsupported("a value can match two branches of a oneOf: use anyOf")
    return tuple(_simplified(shape for branch in branches for shape in branch))


def _values(keywords: dict[str, Any]) -> Union:
    listed = [keywords["const"]] if "const" in keywords else keywords["enum"]
    values = tuple(value for value in listed if is_valid(keywords, value))
    return (Values(values, keywords.get(OPEN, False)),) if values else ()


def _check_open(keywords: dict[str, Any]) -> None:
    """`tolerant` rewrites open enumerations, and knows nothing of other keywords beside them."""
    texts = all(isinstance(value, str) for value in keywords.get("enum", [None]))
    if (
        not isinstance(keywords[OPEN], bool)
        or not texts
        or keywords.keys() - {OPEN, "enum", "type"}
    ):
        raise Unsupported(f"{OPEN} is true or false, and stands beside an enum of strings only")


def _simplified(shapes: Iterable[Shape]) -> Iterable[Shape]:
    """Without repetitions; `number` beside `integer` of the same range stays as it is."""
    seen: list[Shape] = []
    for shape in shapes:
        if shape not in seen:
            seen.append(shape)
    return seen


def _typed(keywords: dict[str, Any]) -> Iterable[Shape]:
    types = keywords.get("type", [one for one in _TYPES if one != "integer"])
    for one in [types] if isinstance(types, str) else types:
        shape = _shape(one, keywords)
        if shape is not None:
            yield shape


def _shape(kind: str, keywords: dict[str, Any]) -> Shape | None:
    match kind:
        case "null":
            return NULL
        case "boolean":
            return BOOLEAN
        case "integer" | "number":
            return _number(keywords, integer=kind == "integer")
        case "string":
            return _string(keywords)
        case "array":
            return _array(keywords)
        case "object":
            return _object(keywords)
    raise Unsupported(f"there is no type {kind}")


def _number(keywords: dict[str, Any], *, integer: bool) -> Number | None:
    low = _bound(keywords, "minimum", "exclusiveMinimum", max)
    high = _bound(keywords, "maximum", "exclusiveMaximum", min)
    if integer:
        low = low and Bound(math.floor(low.value) + 1 if low.exclusive else math.ceil(low.value))
        high = high and Bound(
            math.ceil(high.value) - 1 if high.exclusive else math.floor(high.value)
        )
    if low and high and (low.value, low.exclusive or high.exclusive) > (high.value, False):
        return None
    return Number(integer, low, high, keywords.get("multipleOf"))


def _bound(keywords: dict[str, Any], inclusive: str, exclusive: str, tighter: Any) -> Bound | None:
    bounds = []
    if inclusive in keywords:
        bounds.append(Bound(_whole(keywords[inclusive])))
    if exclusive in keywords:
        bounds.append(Bound(_whole(keywords[exclusive]), exclusive=True))
    if len(bounds) == 2 and bounds[0].value == bounds[1].value:
        return bounds[1]
    chosen: Bound | None = tighter(bounds, key=lambda bound: bound.value, default=None)
    return chosen


def _whole(value: float) -> float:
    """1.0 as 1: the two are the same in JSON, and shapes are compared."""
    return int(value) if value == int(value) else value


def _string(keywords: dict[str, Any]) -> String | None:
    string_format = keywords.get("format")
    if string_format in _HINTS:
        string_format = None
    if string_format is not None and string_format not in FORMATS:
        raise Unsupported(f"the gate does not know the format {string_format}")
    low, high = keywords.get("minLength", 0), keywords.get("maxLength")
    if high is not None and low > high:
        return None
    return String(low, high, keywords.get("pattern"), string_format)


def _array(keywords: dict[str, Any]) -> Array | None:
    prefix = tuple(parse(part) for part in keywords.get("prefixItems", []))
    items = parse(keywords.get("items", True))
    high = keywords.get("maxItems")
    possible = next((index for index, part in enumerate(prefix) if not part), None)
    if possible is None and not items:
        possible = len(prefix)
    if possible is not None:
        high = possible if high is None else min(high, possible)
    low = keywords.get("minItems", 0)
    if high is not None and low > high:
        return None
    return Array(prefix, items, low, high, bool(keywords.get("uniqueItems", False)))


def _object(keywords: dict[str, Any]) -> Object | None:
    fields = {name: parse(part) for name, part in keywords.get("properties", {}).items()}
    required = frozenset(keywords.get("required", []))
    shape = Object(fields, required, parse(keywords.get("additionalProperties", True)))
    return shape if all(shape.field(name) for name in required) else None
