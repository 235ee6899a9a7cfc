"""The documents of the repository, for planted changes."""

import json
import re
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from tests.support.contract import SCHEMAS
from tools.contract_gate.documents import read_documents

Documents = dict[str, Any]

EVENT = "events/purchase_update/1.json"

CALLS = (
    "/api/admin/audit",
    "/api/admin/users/{user_id}",
    "/api/auth/login",
    "/api/fairness/rounds",
    "/api/games/crash/bet",
    "/api/games/gacha/pull",
    "/api/games/slot/spin",
    "/api/profile",
    "/api/realtime/events",
    "/api/realtime/ticket",
    "/api/shop/buy",
    "/api/streak/claim",
)
"""The calls that are changed; with all of them, each comparison would take three times as long."""


def contract() -> Documents:
    """The published documents, of OpenAPI only some calls."""
    documents = read_documents(SCHEMAS)
    paths = documents["openapi.json"]["paths"]
    documents["openapi.json"]["paths"] = {path: paths[path] for path in CALLS}
    return documents


def touched(documents: Documents, edits: list[tuple[Any, ...]]) -> Documents:
    """The documents that are edited, and of OpenAPI only the calls; all if there are no edits."""
    names = {edit[1].partition(" > ")[0] for edit in edits} or set(documents)
    chosen = {name: documents[name] for name in names if name in documents}
    if "openapi.json" in chosen and edits:
        openapi = chosen["openapi.json"]
        calls = {path for edit in edits for path in _calls(openapi, edit[1].split(" > "))}
        paths = {path: openapi["paths"][path] for path in openapi["paths"] if path in calls}
        chosen["openapi.json"] = {**openapi, "paths": paths}
    return chosen


def _calls(openapi: Any, place: list[str]) -> Iterable[str]:
    """The paths of the calls that an edit at this place touches."""
    _, section, *within = place
    if section == "paths":
        return within[:1]
    if within[0] != "schemas":
        return CALLS
    uses = _users(openapi["components"]["schemas"], within[1])
    return [path for path, item in openapi["paths"].items() if uses & _references(item)]


def _users(schemas: dict[str, Any], name: str) -> set[str]:
    """The component, and those that contain it."""
    users = {name}
    while further := {
        each for each in schemas if each not in users and users & _references(schemas[each])
    }:
        users |= further
    return users


def _references(described: Any) -> set[str]:
    return set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))


def edited(documents: Documents, edits: list[tuple[Any, ...]]) -> Documents:
    """The documents after edits, each of a path of keys: `document > key > key`.

    `("set", path, value)`, `("del", path)`, `("add", path of a list, value)`,
    `("drop", path of a list, value)`.
    """
    documents = deepcopy(documents)
    for kind, path, *value in edits:
        *within, last = path.split(" > ")
        place = _at(documents, within)
        key = _key(place, last)
        match kind:
            case "set":
                place[key] = value[0]
            case "del":
                del place[key]
            case "add":
                place[key].append(value[0])
            case "drop":
                place[key].remove(value[0])
            case _:
                raise ValueError(kind)
    return documents


def _at(document: Any, steps: list[str]) -> Any:
    for step in steps:
        document = document[_key(document, step)]
    return document


def _key(place: Any, step: str) -> Any:
    """Branches of a union of frames are named by the definition that they refer to."""
    if not isinstance(place, list):
        return step
    reference = {"$ref": f"#/$defs/{step}"}
    return place.index(reference) if reference in place else int(step)
