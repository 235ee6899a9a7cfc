"""The messages of the document: one per frame, event version and client message."""

from typing import Any

from adapters.wire.schemas.frame_schemas import CLIENT_MESSAGE, UNIONS, Schema

NAMES_OF_UNIONS = {*UNIONS, CLIENT_MESSAGE}


def messages(schemas: Schema) -> Schema:
    """All messages by the name of their schema."""
    names = (
        reference["$ref"].rpartition("/")[2]
        for union in sorted(NAMES_OF_UNIONS)
        for reference in schemas[union]["oneOf"]
    )
    return {name: _message(name, schemas[name]) for name in dict.fromkeys(names)}


def names_in(schemas: Schema, union: str) -> list[str]:
    """The names of the messages of a union."""
    return [reference["$ref"].rpartition("/")[2] for reference in schemas[union]["oneOf"]]


def _message(name: str, schema: Schema) -> Schema:
    kind = schema["properties"]["type"]["const"]
    version = schema["properties"].get("v", {}).get("const")
    message: dict[str, Any] = {
        "name": kind,
        "title": kind if version is None else f"{kind}, version {version}",
        "summary": schema["description"].partition(". ")[0].rstrip(".") + ".",
        "description": schema["description"],
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "examples": [{"name": kind, "payload": example} for example in schema["examples"]],
    }
    if "cause" in schema["properties"]:
        message["correlationId"] = {"$ref": "#/components/correlationIds/cause"}
    if sunset := schema.get("x-sunset"):
        message |= {"x-deprecated": True, "x-sunset": sunset}
    return message
