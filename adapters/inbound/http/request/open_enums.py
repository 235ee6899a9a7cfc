"""Open enumerations in the OpenAPI document, marked as in the schemas of frames."""

from dataclasses import dataclass, field
from typing import Any

from litestar.openapi.spec import Reference, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition

from adapters.wire.schemas.open_enums import OPEN, open_description
from domain.constraints import OpenEnum


@dataclass
class _OpenSchema(Schema):
    """A schema with the keyword for open enumerations, which Litestar's class lacks."""

    open: bool = field(default=True, metadata={"alias": OPEN})

    __hash__ = Schema.__hash__


class OpenEnumSchemas(OpenAPISchemaPlugin):
    """Generates the OpenAPI schemas of open enumerations."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return isinstance(value, type) and issubclass(value, OpenEnum)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: Any) -> Any:
        """The reference to the component, to which Litestar resolves the class from then on."""
        cls = field_definition.annotation
        reference: Reference = schema_creator.for_enum_field(field_definition)
        registered = schema_creator.schema_registry.from_reference(reference)
        registered.schema = _OpenSchema(
            type=registered.schema.type,
            enum=registered.schema.enum,
            title=cls.__name__,
            description=open_description(cls),
        )
        return reference
