"""The published schemas are valid, and refuse what is no frame."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.wire.schemas.frame_schemas import schema_documents
from domain.events import GameType
from tests.support.contract import SCHEMAS, check_frame


def test_published_schemas_are_valid() -> None:
    """By the dialect that they name, and so is the example of each frame."""
    for path in schema_documents():
        schema = json.loads((SCHEMAS / path).read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        for example in schema.get("examples", ()):
            validator.validate(example)


def test_every_field_is_described() -> None:
    """By itself, or by the definition that it refers to."""
    silent = [
        f"{path} {name}"
        for path, document in schema_documents().items()
        for where, schema in [("", document), *document.get("$defs", {}).items()]
        for name, field in schema.get("properties", {}).items()
        if not _description(field, document)
    ]
    assert silent == []


def _description(field: dict[str, Any], document: dict[str, Any]) -> str | None:
    if "$ref" in field and "description" not in field:
        field = document["$defs"][field["$ref"].rpartition("/")[2]]
    description: str | None = field.get("description")
    return description


def test_open_enumerations_are_marked() -> None:
    """In every document, and no others are; clients are told what the mark means."""
    openapi = json.loads((SCHEMAS / "openapi.json").read_text("utf-8"))
    documents = {**schema_documents(), "openapi.json": openapi}
    enums = [
        (name, schema)
        for document in documents.values()
        for definitions in (document.get("$defs"), document.get("components", {}).get("schemas"))
        for name, schema in (definitions or {}).items()
        if "enum" in schema
    ]
    marked = [(name, schema) for name, schema in enums if "x-open" in schema]
    assert {name for name, _ in marked} == {"GameType"}
    assert len(marked) == len([name for name, _ in enums if name == "GameType"]) >= 7
    for _, schema in marked:
        assert schema["x-open"] is True
        assert sorted(schema["enum"]) == sorted(GameType)
        assert "Clients must tolerate" in schema["description"]


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "pong", "v": "one"} | {"type": "no_such_frame"},
        {"type": "ws_ack"},
        {"type": "ws_ack", "user_id": "7"},
        {
            "type": "game_event",
            "game_type": "poker",
            "user_id": 7,
            "bet": 1,
            "result": {},
            "ts": "",
        },
    ],
    ids=["unknown type", "field missing", "wrong type", "wrong values"],
)
def test_schemas_refuse_what_is_no_frame(frame: dict[str, object]) -> None:
    """Invalid frames fail the check that the other tests use."""
    with pytest.raises(AssertionError):
        check_frame("legacy", frame)
