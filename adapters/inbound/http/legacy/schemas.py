"""The names of deployed clients in the OpenAPI document, as deprecated properties."""

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from litestar.openapi.spec import Reference, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from adapters.inbound.http.legacy.answers import ANSWERS
from adapters.inbound.http.legacy.bodies import BODIES, OldBody
from adapters.inbound.http.legacy.old_name import OldName


@frozen
class OldSchemas(OpenAPISchemaPlugin):
    """Adds to the schemas that the other plugins make of commands and results. `apart_from` is the
    type that they are just asked for."""

    apart_from: object = None

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        kind = field_definition.annotation
        return kind is not self.apart_from and (kind in ANSWERS or kind in BODIES)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Any:
        kind: Any = field_definition.annotation
        others = type(schema_creator)(
            generate_examples=schema_creator.generate_examples,
            plugins=[_others(plugin, kind) for plugin in schema_creator.plugins],
            prefer_alias=schema_creator.prefer_alias,
            schema_registry=schema_creator.schema_registry,
        )
        made: Schema | Reference = others.for_field_definition(field_definition)
        schema: Schema = (
            schema_creator.schema_registry.from_reference(made).schema
            if isinstance(made, Reference)
            else made
        )
        if kind in BODIES:
            _open(schema, BODIES[kind])
        else:
            _add(schema, ANSWERS[kind])
        return made


def _others(plugin: object, kind: type) -> object:
    return OldSchemas(apart_from=kind) if isinstance(plugin, OldSchemas) else plugin


def _add(schema: Schema, names: Mapping[str, OldName]) -> None:
    properties = {**(schema.properties or {})}
    properties |= {name: old.schema() for name, old in names.items()}
    schema.properties = properties


def _open(schema: Schema, body: OldBody) -> None:
    _add(schema, body.names)
    schema.additional_properties = True
    if body.optional:
        required = [name for name in schema.required or () if name not in body.optional]
        schema.required = required or None
