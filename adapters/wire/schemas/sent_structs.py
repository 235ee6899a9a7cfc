"""msgspec structs with the fields of what we send; msgspec makes the JSON Schemas from them.

They differ from the attrs classes as the wire does: an optional field that is None is omitted, a
time is a text, no other fields exist.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from attrs import NOTHING, Attribute, fields, has

from application.frames.encoded_as import EncodedAs
from domain.constraints import Description, Example, Length, Range

Struct = type[msgspec.Struct]
Field = tuple[str, Any] | tuple[str, Any, Any]

TIMESTAMP = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]


def data_struct(cls: type, name: str | None = None) -> Struct:
    """The struct of an attrs class."""
    return _data_struct(cls, name or cls.__name__)


def frame_struct(cls: type, *, closed: bool = True) -> Struct:
    """The struct of a class with a `type`, which comes first. `closed`: it has no further
    fields."""
    return _frame_struct(cls, closed)


@cache
def _data_struct(cls: Any, name: str) -> Struct:
    return make_struct(name, cls.__doc__, sent_fields(cls))


@cache
def _frame_struct(cls: Any, closed: bool) -> Struct:
    struct_fields = [type_field(cls.type), *sent_fields(cls)]
    return make_struct(cls.__name__, cls.__doc__, struct_fields, closed=closed)


def make_struct(
    name: str, description: str | None, struct_fields: Sequence[Field], *, closed: bool = True
) -> Struct:
    """A struct with these fields; the description is that of its schema."""
    return msgspec.defstruct(
        name,
        struct_fields,
        kw_only=True,
        forbid_unknown_fields=closed,
        namespace={"__doc__": " ".join((description or "").split())},
    )


def sent_fields(cls: Any) -> list[Field]:
    """The fields of an attrs class, as they are sent."""
    hints = get_type_hints(cls, include_extras=True)
    return [_sent_field(attribute, hints[attribute.name]) for attribute in fields(cls)]


def _sent_field(attribute: "Attribute[Any]", hint: Any) -> Field:
    if attribute.name == "v":
        return version_field(attribute.default)
    kind: Any = Union[tuple(map(sent_type, _present(hint)))]  # noqa: UP007 (computed)
    if attribute.default is NOTHING or attribute.default is not None:
        return attribute.name, kind
    return attribute.name, Union[kind, msgspec.UnsetType], msgspec.UNSET  # noqa: UP007


def sent_type(hint: Any) -> Any:
    """The type of a value on the wire."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _annotated(args[0], args[1:])
    if origin in (Union, UnionType):
        return Union[tuple(map(sent_type, args))]  # noqa: UP007
    if isinstance(origin, type):
        collection = dict if issubclass(origin, Mapping) else list
        return collection[tuple(map(sent_type, args))]
    if hint is datetime:
        return TIMESTAMP
    return data_struct(hint) if has(hint) else hint


def type_field(value: str) -> Field:
    """The discriminator of all frames and messages."""
    return "type", _constant(value, "What it is.")


def version_field(value: Any) -> Field:
    """The version of what a discriminator names."""
    return "v", _constant(value, "The version of the type.")


def _constant(value: str | int, description: str) -> Any:
    return Annotated[Literal[value], msgspec.Meta(description=description)]


def _annotated(kind: Any, notes: Sequence[Any]) -> Any:
    constraints: dict[str, Any] = {}
    for note in notes:
        match note:
            case Range(low, high):
                constraints |= {"ge": int(low), "le": int(high)}
            case Length(limit):
                constraints |= {"max_length": limit}
            case Description(text):
                constraints |= {"description": text}
            case Example(value):
                constraints |= {"examples": [value]}
            case EncodedAs(cls, closed):
                kind = frame_struct(cls, closed=closed)
    return Annotated[sent_type(kind), msgspec.Meta(**constraints)]


def _present(hint: Any) -> Sequence[Any]:
    """The types of a value that is not None; notes on the whole of them are kept with each."""
    if get_origin(hint) is Annotated:
        kind, *notes = get_args(hint)
        return [Annotated[one, *notes] for one in _present(kind)]
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else [hint]
    return [kind for kind in kinds if kind is not NoneType]
