"""Request bodies: strict JSON, decoded to the commands of use cases.

The fields of a request are defined once, in the class of its command. A msgspec struct is derived
from that class and decodes and validates in one step: types are strict (no coercion), unknown
fields are refused, so that misspelt names are noticed, and the constraints of `domain.constraints`
are enforced. The API docs are generated from the same fields.
"""

import re
from collections.abc import Hashable
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from attrs import NOTHING, fields, has
from litestar import Request
from litestar.exceptions import ClientException, SerializationException, ValidationException
from litestar.openapi.spec import Schema
from litestar.params import BodyKwarg
from litestar.plugins import OpenAPISchemaPlugin
from litestar.types import Empty
from litestar.typing import FieldDefinition

from application.transactions.command import is_server_side
from domain.constraints import Description, Length, Range

_JSON = re.compile(r"application/([a-z0-9.!#$&^_-]+\+)?json", re.IGNORECASE)
_WHERE = re.compile(r" - at `\$\.?(?P<path>.*)`$")
_ABSENT_OR_UNKNOWN = re.compile(r"(?:required|unknown) field `(?P<name>.*)`$")
_NO_NUL = r"^[^\x00]*$"
_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class UnsupportedMediaType(ClientException):
    """The content type of the body is not JSON."""

    status_code = 415


class JsonRequest(Request[Any, Any, Any]):
    """Replaces the JSON decoding of Litestar, which coerces types ("1" to 1), and which raises an
    internal error for some malformed JSON."""

    async def json(self) -> Any:
        """Decode the body as the type of the handler's `data`. Raises ValidationException for
        invalid fields, SerializationException for malformed JSON, UnsupportedMediaType."""
        content_type, _ = self.content_type
        if content_type and not _JSON.fullmatch(content_type):
            raise UnsupportedMediaType("the body must be application/json")
        body = await self.body()
        field = self.route_handler.parsed_data_field
        if field is None:
            return parsed(body)
        try:
            return self.decode(body, field.annotation)
        except msgspec.ValidationError as error:
            parsed(body)  # report malformed JSON first: decoding stopped at the first bad field
            raise _invalid(str(error)) from error
        except _BROKEN as error:
            raise _malformed(error) from error

    def decode(self, body: bytes, command: type[Any]) -> Any:
        """The command in a body. msgspec.ValidationError for invalid fields."""
        return decode(body, command)


def parsed(body: bytes) -> Any:
    """The body as plain values. SerializationException if it is not JSON."""
    try:
        return msgspec.json.decode(body)
    except _BROKEN as error:
        raise _malformed(error) from error


def _malformed(error: Exception) -> SerializationException:
    return SerializationException(f"not valid JSON: {error}")


def decode(body: bytes, command: type[Any], *, tolerant: bool = False) -> Any:
    """The instance of an attrs class in a body; `tolerant` ignores unknown fields."""
    decoder, names = _decoder(command, tolerant)  # type: ignore[arg-type]  # classes are hashable
    decoded = decoder.decode(body)
    return command(**{name: getattr(decoded, name) for name in names})


@cache
def _decoder(
    command: Hashable, tolerant: bool
) -> tuple[msgspec.json.Decoder[Any], tuple[str, ...]]:
    struct = body_struct(command, tolerant=tolerant)
    return msgspec.json.Decoder(struct), struct.__struct_fields__


@cache
def body_struct(command: Any, *, tolerant: bool = False) -> type[msgspec.Struct]:
    """The msgspec struct with the fields of a command; `tolerant` allows unknown ones."""
    hints = get_type_hints(command, include_extras=True)
    return msgspec.defstruct(
        command.__name__,
        [_struct_field(attribute, hints[attribute.name]) for attribute in _sent(command)],
        kw_only=True,
        forbid_unknown_fields=not tolerant,
    )


def _sent(command: Any) -> list[Any]:
    """The fields that a body may contain."""
    return [attribute for attribute in fields(command) if not is_server_side(attribute)]


def _struct_field(attribute: Any, hint: Any) -> Any:
    kind = _constrained(hint)
    if attribute.default is NOTHING:
        return attribute.name, kind
    return attribute.name, kind, msgspec.field(default=attribute.default)


def _constrained(hint: Any) -> Any:
    """Replace the domain's constraints in a type hint by those of msgspec."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return Union[tuple(_constrained(part) for part in get_args(hint))]  # noqa: UP007
    if origin is not Annotated:
        return hint
    return Annotated[get_args(hint)[0], msgspec.Meta(**_limits(hint))]


def _limits(hint: Any) -> dict[str, Any]:
    """The constraints of a type hint, by their names in msgspec and Litestar."""
    if get_origin(hint) in (Union, UnionType):
        return {name: limit for part in get_args(hint) for name, limit in _limits(part).items()}
    limits: dict[str, Any] = {}
    for note in get_args(hint)[1:] if get_origin(hint) is Annotated else ():
        match note:
            case Range(low, high):
                kind = get_args(hint)[0]
                limits |= {"ge": kind(low), "le": kind(high)}
            case Length(limit):
                limits |= {"max_length": limit, "pattern": _NO_NUL}
            case Description(text):
                limits |= {"description": text}
    return limits


class CommandSchemas(OpenAPISchemaPlugin):
    """Generates the OpenAPI schemas of bodies from the fields of the commands."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return isinstance(value, type) and has(value) and value.__name__.endswith("Command")

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Schema:
        command = field_definition.annotation
        hints = get_type_hints(command, include_extras=True)
        properties = {
            attribute.name: FieldDefinition.from_annotation(
                hints[attribute.name],
                name=attribute.name,
                default=Empty if attribute.default is NOTHING else attribute.default,
                kwarg_definition=BodyKwarg(**_limits(hints[attribute.name])),
            )
            for attribute in _sent(command)
        }
        schema: Schema = schema_creator.create_component_schema(
            field_definition,
            required=sorted(name for name, field in properties.items() if field.default is Empty),
            property_fields=properties,
        )
        schema.additional_properties = False
        return schema


def _invalid(message: str) -> ValidationException:
    """A ValidationException with the path of the field, extracted from the message of msgspec."""
    where = _WHERE.search(message)
    reason = message[: where.start()] if where else message
    path = [where["path"]] if where and where["path"] else []
    named = _ABSENT_OR_UNKNOWN.search(reason)
    path += [named["name"]] if named else []
    return ValidationException("invalid body", extra=[{"key": ".".join(path), "message": reason}])
