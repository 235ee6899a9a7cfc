"""An example of what a schema describes, from the examples of its fields."""

from typing import Any

Schema = dict[str, Any]

_BY_FORMAT = {
    "uuid": "0198b2c1-8a51-7c6e-9d3f-2b1a4c5d6e7f",
    "date": "2025-08-16",
    None: "text",
}
_TIME = "2025-08-16T12:34:56.789Z"


def example_of(schema: Schema, definitions: Schema) -> Any:
    """A valid value. Fields without an example of their own get one of their type."""
    match schema:
        case {"const": value} | {"examples": [value, *_]} | {"enum": [value, *_]}:
            return value
        case {"$ref": reference}:
            return example_of(definitions[reference.rpartition("/")[2]], definitions)
        case {"anyOf": [first, *_]} | {"oneOf": [first, *_]}:
            return example_of(first, definitions)
        case {"type": "object", "properties": fields}:
            return {name: example_of(field, definitions) for name, field in fields.items()}
        case {"type": "array", "items": items}:
            return [example_of(items, definitions)]
    return _of_type(schema)


def _of_type(schema: Schema) -> Any:
    match schema.get("type"):
        case "string":
            return _TIME if "pattern" in schema else _BY_FORMAT[schema.get("format")]
        case "integer" | "number":
            return schema.get("minimum", 7)
        case "boolean":
            return False
        case "array":
            return []
    return {}
