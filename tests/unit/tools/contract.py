"""The documents of the repository, and others made from them, for planted changes."""

from copy import deepcopy
from typing import Any

from application.frames.close_codes import CloseCode
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

_PING = {"type": "object", "properties": {"type": {"const": "ping"}}, "required": ["type"]}
_AUTH = {
    "type": "object",
    "properties": {"type": {"const": "auth"}, "token": {"type": "string"}},
    "required": ["type", "token"],
}
_QUERY = {"type": "object", "properties": {"since": {"type": "string"}}}


def contract() -> Documents:
    """The published documents, and with them the client's and AsyncAPI."""
    documents = read_documents(SCHEMAS)
    paths = documents["openapi.json"]["paths"]
    documents["openapi.json"]["paths"] = {path: paths[path] for path in CALLS}
    event = documents[EVENT]
    documents["client.json"] = {"anyOf": [{"const": "ping"}, deepcopy(_PING), deepcopy(_AUTH)]}
    documents["asyncapi.json"] = _asyncapi(deepcopy(event))
    return documents


def _asyncapi(event: Any) -> Any:
    messages = {"purchase": {"payload": event}, "ping": {"payload": deepcopy(_PING)}}
    messages["auth"] = {"payload": deepcopy(_AUTH)}
    channel = {"$ref": "#/channels/sync"}
    taken = [{"$ref": f"#/channels/sync/messages/{name}"} for name in ("ping", "auth")]
    sent = [{"$ref": "#/channels/sync/messages/purchase"}]
    return {
        "asyncapi": "3.1.0",
        "channels": {
            "sync": {
                "address": "/api/realtime/sync",
                "messages": messages,
                "bindings": {"ws": {"query": deepcopy(_QUERY)}},
                "x-close-codes": [{"code": int(code), "name": code.name} for code in CloseCode],
            }
        },
        "operations": {
            "events": {"action": "send", "channel": channel, "messages": sent},
            "in_band": {"action": "receive", "channel": channel, "messages": taken},
        },
    }


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
    """Branches of a union of frames are named by their titles."""
    if not isinstance(place, list):
        return step
    titles = [each.get("title") if isinstance(each, dict) else None for each in place]
    return titles.index(step) if step in titles else int(step)
