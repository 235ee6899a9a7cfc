"""Validation of frames against the published schemas."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMAS = Path(__file__).parents[2] / "schemas"


def check_frame(endpoint: str, frame: Any) -> None:
    """AssertionError, saying what is wrong, unless the frame is one of that endpoint's."""
    branches = [
        branch
        for branch in _schema(endpoint)["oneOf"]
        if _type_of(endpoint, branch) == frame["type"]
    ]
    assert len(branches) == 1, f"{endpoint} has no frame of type {frame['type']}"
    schema = {**branches[0], "$defs": _schema(endpoint)["$defs"]}
    problems = [error.message for error in Draft202012Validator(schema).iter_errors(frame)]
    assert not problems, f"{frame}: {problems}"


@cache
def _schema(endpoint: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{endpoint}.json").read_text("utf-8"))
    return schema


def _type_of(endpoint: str, branch: dict[str, Any]) -> str:
    name = branch.get("$ref", "").rpartition("/")[2]
    target = _schema(endpoint)["$defs"][name] if name else branch
    frame_type: str = target["properties"]["type"]["const"]
    return frame_type
