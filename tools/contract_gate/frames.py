"""Frames that we send, each with a type and a version, and messages that we take."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from tools.contract_gate.findings import (
    Finding,
    Instance,
    Member,
    Outcome,
    as_json,
    attempt,
    change_of,
    in_words,
)
from tools.contract_gate.schema.breaks import breaks_of_sent, breaks_of_taken, example_of
from tools.contract_gate.schema.reading.parsing import parse
from tools.contract_gate.schema.reading.rewriting import Schema, inlined, is_annotation, opened
from tools.contract_gate.sunset import has_ended

Key = tuple[str, int | None]
"""Type and version of a frame; frames outside the versioned events have none."""


def branches_of(document: Any) -> list[Schema]:
    """The frames that a document describes, without references."""
    whole = inlined(document, document)
    parse(opened(whole))  # an error if something in it is unknown, or two frames may be the same
    return _branches(whole)


def _branches(schema: Schema) -> list[Schema]:
    """The parts of a union, unless something beside it holds for all of them."""
    if not isinstance(schema, bool):
        keywords = [key for key in schema if not is_annotation(key)]
        if keywords in (["oneOf"], ["anyOf"]):
            return [branch for part in schema[keywords[0]] for branch in _branches(part)]
    return [schema]


def compare_sent(
    name: str, old: Iterable[Schema], new: Iterable[Schema], today: date
) -> list[Outcome]:
    """Each frame with the one of the same type and version. New types and versions are
    compatible: clients ignore types that they do not know, and versions are asked for."""
    known, current = _by_key(old), _by_key(new)
    outcomes: list[Outcome] = []
    for key, schema in known.items():
        matching = [current[each] for each in current if _may_be_taken_for(each, key)]
        if matching:
            now = matching[0] if len(matching) == 1 else {"anyOf": matching}
            compare = partial(_compared, name, key, schema, now, _remedy(key, known, current))
            outcomes += attempt(name, _title(key), compare)
        elif not has_ended(schema, today):
            outcomes.append(_removed(name, key, schema, known, current))
    return outcomes


def compare_taken(name: str, old: Any, new: Any) -> list[Finding]:
    """What clients send."""
    return [
        Finding(
            name,
            in_words(each.place),
            change_of(each, sent=False),
            "Keep taking what clients send today, and add an optional field or a new message.",
            Instance(each),
        )
        for each in breaks_of_taken(inlined(old, old), inlined(new, new))
    ]


def _by_key(branches: Iterable[Schema]) -> dict[Key, Schema]:
    keyed: dict[Key, Schema] = {}
    for branch in branches:
        key = _key(branch)
        # Several frames of one key are alternatives.
        keyed[key] = {"anyOf": [keyed[key], branch]} if key in keyed else branch
    return keyed


def _key(branch: Schema) -> Key:
    properties = {} if isinstance(branch, bool) else branch.get("properties", {})
    frame_type, version = _given(properties.get("type")), _given(properties.get("v"))
    if frame_type is None:
        return ("a frame without a type", None)
    return (str(frame_type), version if isinstance(version, int) else None)


def _given(schema: Any) -> Any:
    """The one value that a schema admits."""
    if not isinstance(schema, dict):
        return None
    listed = schema.get("enum", [])
    return schema.get("const", listed[0] if len(listed) == 1 else None)


def _may_be_taken_for(frame: Key, known: Key) -> bool:
    """Whether a client reads the frame as the one that it knows. Where both say their version it
    must be the same, because clients get the versions that they ask for."""
    return frame[0] == known[0] and (frame[1] == known[1] or None in {frame[1], known[1]})


def _title(key: Key) -> str:
    frame_type, version = key
    return frame_type if version is None else f"{frame_type} version {version}"


def _remedy(key: Key, known: dict[Key, Schema], current: dict[Key, Schema]) -> str:
    frame_type, version = key
    if version is None:
        return "Keep it as it was, and add a new field or a new type of frame beside it."
    versions = [each[1] for each in (*known, *current) if each[0] == frame_type and each[1]]
    return (
        f"Add version {max(versions) + 1} of {frame_type} and keep version {version} until its "
        "end (x-sunset)."
    )


def _compared(name: str, key: Key, old: Schema, new: Schema, remedy: str) -> list[Finding]:
    return [
        Finding(
            name,
            f"{_title(key)}: {in_words(each.place)}",
            change_of(each, sent=True),
            remedy,
            Instance(each),
        )
        for each in breaks_of_sent(old, new)
    ]


def _removed(
    name: str, key: Key, schema: Schema, known: dict[Key, Schema], current: dict[Key, Schema]
) -> Finding:
    example = Member(as_json(example_of(schema)), key, frozenset(known), frozenset(current))
    remedy = "Keep it, with x-sunset: the date from which on it may be removed."
    return Finding(name, _title(key), "was removed", remedy, example)
