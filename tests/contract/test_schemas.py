"""The published schemas are valid, and refuse what is no frame."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.wire.schemas.frame_schemas import schema_documents
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
