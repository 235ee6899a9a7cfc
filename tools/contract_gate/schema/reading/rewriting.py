"""Rewriting of schemas: references resolved, objects closed or opened.

Which additional fields a schema admits depends on who reads it. What we write has only the fields
that are declared (`strict`); whoever reads it must tolerate others (`opened`).
"""

from collections.abc import Callable
from typing import Any

from tools.contract_gate.schema.errors import Unsupported

Json = Any
Schema = dict[str, Any] | bool

_ONE = ("items", "additionalProperties")
_LISTS = ("prefixItems", "anyOf", "oneOf", "allOf")
_OPEN: tuple[Any, ...] = (True, {})

ANNOTATIONS = frozenset(
    {
        "$anchor",
        "$comment",
        "$defs",
        "$id",
        "$schema",
        "contentEncoding",
        "contentMediaType",
        "default",
        "deprecated",
        "description",
        "discriminator",
        "example",
        "examples",
        "externalDocs",
        "readOnly",
        "title",
        "writeOnly",
    }
)
"""Keywords that do not decide whether a value is valid; so do all that begin with `x-` but one."""

OPEN = "x-open"
"""Beside `enum`: more values may follow, which clients must tolerate."""


def is_annotation(keyword: str) -> bool:
    """Whether the keyword has no influence on validity."""
    return keyword in ANNOTATIONS or (keyword.startswith("x-") and keyword != OPEN)


def inlined(schema: Schema, document: Json) -> Schema:
    """The schema with the definitions of `document` in place of references to them."""
    return _inlined(schema, document, ())


def _inlined(schema: Schema, document: Json, within: tuple[str, ...]) -> Schema:
    if isinstance(schema, bool):
        return schema
    if "$ref" not in schema:
        return on_parts(schema, lambda part: _inlined(part, document, within))
    reference = schema["$ref"]
    if reference in within:
        raise Unsupported(f"{reference} contains itself")
    target = _inlined(_found(document, reference), document, (*within, reference))
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    if isinstance(target, bool) or any(not is_annotation(key) for key in beside):
        beside = on_parts(beside, lambda part: _inlined(part, document, within))
        return {**beside, "allOf": [target, *beside.get("allOf", [])]}
    return {**target, **beside}


def _found(document: Json, reference: str) -> Json:
    if not reference.startswith("#/"):
        raise Unsupported(f"the reference {reference} leads out of the document")
    for step in reference[2:].split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, dict) or key not in document:
            raise Unsupported(f"the reference {reference} leads nowhere")
        document = document[key]
    return document


def resolved(described: Json, document: Json) -> Json:
    """What a reference leads to, outside of schemas: a parameter, a response, a message."""
    if isinstance(described, list):
        return [resolved(each, document) for each in described]
    if isinstance(described, dict) and "$ref" in described:
        return resolved(_found(document, described["$ref"]), document)
    return described


def strict(schema: Schema) -> Schema:
    """The schema without fields that it does not declare."""
    return _with_additional(schema, [*_OPEN, False], False)


def opened(schema: Schema) -> Schema:
    """The schema with further fields of any content where it declares none."""
    return _with_additional(schema, [*_OPEN, False], True)


def tolerant(schema: Schema) -> Schema:
    """The schema with any text beside the values of open enumerations, as clients must read it."""
    if isinstance(schema, bool):
        return schema
    if schema.get(OPEN) is not True:
        return on_parts(schema, tolerant)
    return {"anyOf": [{"enum": schema.get("enum", [])}, {"type": "string"}]}


def _with_additional(schema: Schema, replaced: list[Any], additional: bool) -> Schema:
    if isinstance(schema, bool):
        return schema
    parts = on_parts(schema, lambda part: _with_additional(part, replaced, additional))
    declares = "properties" in schema or schema.get("additionalProperties") is False
    if declares and schema.get("additionalProperties", True) in replaced:
        # A field that must be there is declared, if only by that.
        declared = dict.fromkeys(schema.get("required", []), True) | parts.get("properties", {})
        parts |= {"properties": declared, "additionalProperties": additional}
    return parts


def on_parts(schema: dict[str, Any], change: Callable[[Schema], Schema]) -> dict[str, Any]:
    """A copy with every schema directly inside it changed, and without definitions."""
    changed = {key: value for key, value in schema.items() if key not in {"$defs", "$schema"}}
    for key in _ONE:
        if key in changed:
            changed[key] = change(changed[key])
    for key in _LISTS:
        if key in changed:
            changed[key] = [change(part) for part in changed[key]]
    if "properties" in changed:
        changed["properties"] = {name: change(part) for name, part in changed["properties"].items()}
    return changed
