"""Shapes in a few words, for sentences."""

import json

from tools.contract_gate.schema.shapes import (
    BOOLEAN,
    Anything,
    Array,
    Number,
    Object,
    Shape,
    String,
    Union,
    Values,
)


def describe(union: Union) -> str:
    """For example: integer from 1 to 10, or null."""
    return ", or ".join(_words(shape) for shape in union) or "nothing"


def _words(shape: Shape) -> str:
    match shape:
        case Anything():
            words = "anything"
        case Values():
            words = _values(shape)
        case Number():
            words = _number(shape)
        case String():
            words = _string(shape)
        case Array():
            words = _array(shape)
        case Object():
            words = _object(shape)
    return words


def _values(shape: Values) -> str:
    if shape == BOOLEAN:
        return "boolean"
    listed = ", ".join(json.dumps(one, ensure_ascii=False) for one in shape.values)
    words = listed if len(shape.values) == 1 else f"one of {listed}"
    return f"{words} (open)" if shape.open else words


def _number(shape: Number) -> str:
    words = ["integer" if shape.integer else "number"]
    if shape.low:
        words.append(f"{'above' if shape.low.exclusive else 'from'} {shape.low.value}")
    if shape.high:
        words.append(f"{'below' if shape.high.exclusive else 'to'} {shape.high.value}")
    if shape.multiple_of:
        words.append(f"in steps of {shape.multiple_of}")
    return " ".join(words)


def _string(shape: String) -> str:
    words = [f"string in the format {shape.format}" if shape.format else "string"]
    if shape.min_length:
        words.append(f"of at least {shape.min_length} characters")
    if shape.max_length is not None:
        words.append(f"of at most {shape.max_length} characters")
    if shape.pattern:
        words.append(f"that matches {shape.pattern}")
    return " ".join(words)


def _array(shape: Array) -> str:
    words = ["array"]
    if shape.min_items:
        words.append(f"of at least {shape.min_items}")
    if shape.max_items is not None:
        words.append(f"of at most {shape.max_items}")
    if shape.unique:
        words.append("without repetitions")
    if not shape.prefix and shape.items:
        words.append(f"of ({describe(shape.items)})")
    return " ".join(words)


def _object(shape: Object) -> str:
    names = [name if name in shape.required else f"{name}?" for name in shape.fields]
    return f"object with {', '.join(names)}" if names else "object"
