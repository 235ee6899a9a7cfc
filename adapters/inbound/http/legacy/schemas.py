"""The names of deployed clients in the OpenAPI document, as deprecated properties."""

from collections.abc import Mapping
from typing import Any

from adapters.inbound.http.legacy.answers import ANSWERS
from adapters.inbound.http.legacy.bodies import BODIES, OldBody
from adapters.inbound.http.legacy.old_name import OldName

Json = dict[str, Any]


def add_old_names(schemas: dict[str, Json]) -> None:
    """Add the names of old to the schemas of our commands and results, by the names of these."""
    for answer, names in ANSWERS.items():
        _add(schemas[answer.__name__], names)
    for command, body in BODIES.items():
        _open(schemas[command.__name__], body)


def _add(schema: Json, names: Mapping[str, OldName]) -> None:
    schema["properties"] = {
        **schema["properties"],
        **{name: old.schema() for name, old in names.items()},
    }


def _open(schema: Json, body: OldBody) -> None:
    _add(schema, body.names)
    schema["additionalProperties"] = True
    schema["required"] = [name for name in schema["required"] if name not in body.optional]
