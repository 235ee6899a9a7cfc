"""Whether a value is valid: by a validator for schemas, and quickly for shapes."""

from functools import lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from tools.contract_gate.schema.reading.rewriting import Schema
from tools.contract_gate.schema.shapes import (
    Anything,
    Array,
    Number,
    Object,
    Shape,
    String,
    Union,
    Values,
)


def is_valid(schema: Schema, value: Any) -> bool:
    """By a validator of JSON Schema 2020-12 that checks formats, too."""
    return Draft202012Validator(schema, validate_formats=True).is_valid(value)


def accepts(union: Union, value: Any) -> bool:
    """Whether one of the shapes admits the value."""
    return any(_admits(shape, value) for shape in union)


def _admits(shape: Shape, value: Any) -> bool:
    match shape:
        case Anything():
            return True
        case Values():
            return any(same(value, one) for one in shape.values)
        case Number():
            return is_number(value) and _in_range(shape, value)
        case String():
            return isinstance(value, str) and _is_string(shape, value)
        case Array():
            return isinstance(value, list) and _is_array(shape, value)
        case Object():
            return isinstance(value, dict) and _is_object(shape, value)


def same(one: Any, other: Any) -> bool:
    """Equality of JSON: 1 and 1.0 are the same, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


def is_number(value: Any) -> bool:
    """Whether it is a number in JSON; Python's booleans are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _in_range(shape: Number, value: float) -> bool:
    low, high = shape.low, shape.high
    if shape.integer and value != int(value):
        return False
    if low and (value < low.value or (low.exclusive and value == low.value)):
        return False
    if high and (value > high.value or (high.exclusive and value == high.value)):
        return False
    return shape.multiple_of is None or is_valid({"multipleOf": shape.multiple_of}, value)


def _is_string(shape: String, value: str) -> bool:
    if len(value) < shape.min_length:
        return False
    if shape.max_length is not None and len(value) > shape.max_length:
        return False
    return _string_validator(shape.pattern, shape.format).is_valid(value)


@lru_cache(maxsize=256)
def _string_validator(pattern: str | None, string_format: str | None) -> Draft202012Validator:
    schema = {"pattern": pattern, "format": string_format}
    known = {key: value for key, value in schema.items() if value is not None}
    return Draft202012Validator(known, validate_formats=True)


def _is_array(shape: Array, value: list[Any]) -> bool:
    if len(value) < shape.min_items:
        return False
    if shape.max_items is not None and len(value) > shape.max_items:
        return False
    if shape.unique and has_duplicates(value):
        return False
    return all(accepts(shape.item(index), item) for index, item in enumerate(value))


def has_duplicates(values: list[Any]) -> bool:
    """Whether two items are the same."""
    return any(same(value, other) for index, value in enumerate(values) for other in values[:index])


def _is_object(shape: Object, value: dict[str, Any]) -> bool:
    return shape.required <= value.keys() and all(
        accepts(shape.field(name), content) for name, content in value.items()
    )
