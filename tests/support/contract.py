"""Validation of frames against the published schemas."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

SCHEMAS = Path(__file__).parents[2] / "schemas"

ENDPOINTS = ("sync", "legacy", "monitor")

Key = tuple[str, str, int]
"""Endpoint, type and version of a frame; frames without `v` have version 1."""


def check_frame(endpoint: str, frame: Any) -> None:
    """AssertionError, saying what is wrong, unless the frame is one of that endpoint's."""
    validator = validators().get(key_of(endpoint, frame))
    assert validator is not None, f"{endpoint} has no frame of type {frame['type']}: {frame}"
    problems = [error.message for error in validator.iter_errors(frame)]
    assert not problems, f"{frame}: {problems}"


def key_of(endpoint: str, frame: Any) -> Key:
    """Which schema the frame must satisfy."""
    return endpoint, frame["type"], frame.get("v", 1)


@cache
def validators() -> dict[Key, Draft202012Validator]:
    """The schemas of all frames."""
    found = {}
    for endpoint in ENDPOINTS:
        document = json.loads((SCHEMAS / f"{endpoint}.json").read_text("utf-8"))
        definitions = document["$defs"]
        for branch in document["oneOf"]:
            target = definitions[branch["$ref"].rpartition("/")[2]]
            properties = target["properties"]
            version = properties.get("v", {}).get("const", 1)
            key = endpoint, properties["type"]["const"], version
            assert key not in found, f"two schemas of {key}"
            found[key] = Draft202012Validator(
                {**target, "$defs": definitions}, validate_formats=True
            )
    return found
