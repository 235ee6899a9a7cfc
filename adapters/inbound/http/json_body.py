"""Requests whose JSON bodies are taken strictly."""

import re
from typing import Any

import msgspec
from litestar import Request
from litestar.exceptions import ClientException, SerializationException, ValidationException

_JSON = re.compile(r"application/([a-z0-9.!#$&^_-]+\+)?json", re.IGNORECASE)
_WHERE = re.compile(r" - at `\$\.?(?P<path>.*)`$")
_ABSENT_OR_UNKNOWN = re.compile(r"(?:required|unknown) field `(?P<name>.*)`$")


class UnsupportedMediaType(ClientException):
    status_code = 415


class JsonRequest(Request[Any, Any, Any]):
    """Litestar would take "1" for 1, and knows only some of the ways in which JSON is broken."""

    async def json(self) -> Any:
        """The body as what the handler's `data` is annotated with."""
        content_type, _ = self.content_type
        if content_type and not _JSON.fullmatch(content_type):
            raise UnsupportedMediaType("the body must be application/json")
        raw = _decoded(await self.body())
        field = self.route_handler.parsed_data_field
        try:
            return raw if field is None else msgspec.convert(raw, field.annotation)
        except msgspec.ValidationError as error:
            raise _wrong(str(error)) from error


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SerializationException(f"no valid JSON: {error}") from error


def _wrong(message: str) -> ValidationException:
    """msgspec's message, with the field that it is about as the key."""
    where = _WHERE.search(message)
    reason = message[: where.start()] if where else message
    path = [where["path"]] if where and where["path"] else []
    named = _ABSENT_OR_UNKNOWN.search(reason)
    path += [named["name"]] if named else []
    return ValidationException("wrong body", extra=[{"key": ".".join(path), "message": reason}])
