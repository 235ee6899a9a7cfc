"""JSON Schemas (2020-12) of the commands and answers of REST calls, from the fields of classes.

Descriptions and limits are the annotations of `domain.constraints`. Commands and answers are
closed: a command with an unknown field is refused, and no answer has a field that its schema lacks.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from inspect import cleandoc
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from attrs import NOTHING, fields, has

from application.transactions.command import is_server_side
from domain.constraints import Description, Length, Range

Schema = dict[str, Any]

NO_NUL = r"^[^\x00]*$"
OPEN = "has_more_members"
"""A class variable of answers to which members are added that their class does not have."""

_SIMPLE: Mapping[object, Schema] = {
    Any: {},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    UUID: {"type": "string", "format": "uuid"},
    NoneType: {"type": "null"},
}


class ClassSchemas:
    """Collects the schemas of classes and of all classes and enumerations that these refer to."""

    def __init__(self, reference: str = "#/components/schemas/{name}") -> None:
        self.schemas: dict[str, Schema] = {}
        self._classes: dict[str, type] = {}
        self._reference = reference

    def of(self, hint: Any) -> Schema:
        """The schema of a type hint; classes are collected and referred to."""
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is None and hint in _SIMPLE:
            return dict(_SIMPLE[hint])
        if origin is Annotated:
            return self.of(arguments[0]) | annotations(hint)
        if origin in (Union, UnionType):
            return _any_of([self.of(argument) for argument in arguments])
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        if isinstance(origin, type) and issubclass(origin, Sequence):
            return {"type": "array", "items": self.of(arguments[0])}
        return self._refer(hint)

    def _refer(self, cls: type) -> Schema:
        name = cls.__name__
        if self._classes.setdefault(name, cls) is not cls:
            raise TypeError(f"two classes in the document are named {name}")
        if name not in self.schemas:
            self.schemas[name] = {}  # classes may refer to each other
            self.schemas[name] = self._class(cls)
        return {"$ref": self._reference.format(name=name)}

    def _class(self, cls: Any) -> Schema:
        described = {"title": cls.__name__, "description": cleandoc(cls.__doc__ or "")}
        if isinstance(cls, type) and issubclass(cls, Enum):
            return {**described, "type": "string", "enum": [member.value for member in cls]}
        if not has(cls):
            raise TypeError(f"{cls} cannot be in a request or an answer")
        hints = get_type_hints(cls, include_extras=True)
        attributes = [one for one in fields(cls) if not is_server_side(one)]
        is_open = hasattr(cls, OPEN)
        may_be_absent = is_open or cls.__name__.endswith("Command")
        return {
            **described,
            "type": "object",
            "properties": {
                attribute.name: self._property(attribute, hints[attribute.name], is_open)
                for attribute in attributes
            },
            "required": [
                attribute.name
                for attribute in attributes
                if attribute.default is NOTHING or not may_be_absent
            ],
            "additionalProperties": is_open,
        }

    def _property(self, attribute: Any, hint: Any, is_open: bool) -> Schema:
        schema = self.of(hint)
        if is_open and attribute.default is None:
            return _not_null(schema)  # absent instead
        if attribute.default not in (NOTHING, None) and isinstance(attribute.default, int | str):
            schema["default"] = attribute.default
        return schema


def annotations(hint: Any) -> Schema:
    """The keywords of JSON Schema for the constraints of an annotated type."""
    keywords: Schema = {}
    for note in get_args(hint)[1:]:
        match note:
            case Range(low, high):
                kind = get_args(hint)[0]
                keywords |= {"minimum": kind(low), "maximum": kind(high)}
            case Length(limit):
                keywords |= {"maxLength": limit, "pattern": NO_NUL}
            case Description(text):
                keywords |= {"description": text}
    return keywords


def _any_of(parts: list[Schema]) -> Schema:
    """Any of the schemas; a type that may be null has both types, and keeps its keywords."""
    present = [part for part in parts if part != {"type": "null"}]
    if len(present) == 1 and len(parts) == 2 and isinstance(present[0].get("type"), str):
        return {**present[0], "type": [present[0]["type"], "null"]}
    return {"anyOf": parts}


def _not_null(schema: Schema) -> Schema:
    match schema:
        case {"anyOf": [present, {"type": "null"}], **keywords}:
            return {**present, **keywords}
        case {"type": [kind, "null"]}:
            return {**schema, "type": kind}
    return schema
