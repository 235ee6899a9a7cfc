"""The fields of a schema as rows, those of nested objects included."""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

Json = dict[str, Any]


@frozen
class FieldRow:
    """A field; `path` is `data.price` for one of a nested object."""

    path: str
    kind: str
    meaning: str
    required: bool


def field_rows(schema: Json, schemas: Json, prefix: str = "") -> Iterator[FieldRow]:
    """The fields in their order. References are followed."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        target = _resolved(field, schemas)
        nested = _resolved(target.get("items", {}), schemas) if "items" in target else target
        meaning = field.get("description") or target.get("description", "")
        path = f"{prefix}{name}"
        yield FieldRow(path, _kind(field, schemas), meaning, name in required)
        if "properties" in nested:
            suffix = "[]." if "items" in target else "."
            yield from field_rows(nested, schemas, f"{path}{suffix}")


def _kind(schema: Json, schemas: Json) -> str:
    """The type in words."""
    match _resolved(schema, schemas):
        case {"const": value}:
            return f"`{value}`"
        case {"enum": values}:
            return ", ".join(f"`{value}`" for value in values)
        case {"anyOf": parts} | {"oneOf": parts}:
            return " or ".join(_kind(part, schemas) for part in parts)
        case {"type": "array", "items": items}:
            return f"list of {_kind(items, schemas)}"
        case simple:
            return _simple_kind(simple)


def _simple_kind(schema: Json) -> str:
    if schema.get("type") == "string" and "pattern" in schema:
        return "time (RFC 3339)"
    return str(schema.get("format") or schema.get("type", "any"))


def _resolved(schema: Json, schemas: Json) -> Json:
    while "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema
