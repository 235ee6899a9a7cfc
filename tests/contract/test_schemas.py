"""The published schemas match the code."""

import json

import httpx
import pytest
from jsonschema import Draft202012Validator

from adapters.wire.frame_schemas import frame_schemas
from bootstrap.app import openapi_document
from tests.support.contract import SCHEMAS, check_frame


@pytest.mark.parametrize("endpoint", ["sync", "legacy", "monitor"])
def test_published_schema_is_current(endpoint: str) -> None:
    """If this fails after a change of frames, run `make schemas` and review the change."""
    published = json.loads((SCHEMAS / f"{endpoint}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(published)
    assert json.loads(json.dumps(frame_schemas()[endpoint])) == published


async def test_published_openapi_document_is_current(http: httpx.AsyncClient) -> None:
    """The file, what `make schemas` writes and what a node serves are the same."""
    published = json.loads((SCHEMAS / "openapi.json").read_text("utf-8"))
    assert json.loads(json.dumps(openapi_document())) == published
    assert (await http.get("/schema/openapi.json")).json() == published


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
