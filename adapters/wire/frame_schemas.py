"""The published contract of the sockets: a JSON Schema (2020-12) per endpoint.

The schemas are generated from the classes that are encoded, so that they cannot differ from the
code. The files under `schemas/` are the published version; a test compares them with this.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from application.frames.control_frames import (
    AuthOk,
    ControlFrame,
    ErrorFrame,
    InitialState,
    MonitorGap,
    MonitorSnapshot,
    Notice,
    Pong,
    PresenceJoin,
    PresenceLeave,
    Reconnect,
    SyncConnected,
    TokenExpiring,
    WsAck,
)
from domain.events import EVENT_TYPES, Event, GameType

Schema = dict[str, Any]

_TIMESTAMP = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
_REF = "#/$defs/{name}"


def frame_schemas() -> Mapping[str, Schema]:
    """The schemas by endpoint: `sync`, `legacy` and `monitor`."""
    common = (Pong, ErrorFrame, Reconnect)
    in_band = (TokenExpiring, AuthOk)
    return {
        "sync": _one_of(
            "Frames of /api/realtime/sync",
            [SyncConnected, InitialState, Notice, *in_band, *common],
            [_envelope(event) for event in EVENT_TYPES.values()],
            EVENT_TYPES.values(),
        ),
        "legacy": _one_of(
            "Frames of /api/games/ws (deprecated)", [WsAck, *common], [_legacy_game_event()]
        ),
        "monitor": _one_of(
            "Frames of /api/games/ws/monitor",
            [MonitorSnapshot, MonitorGap, PresenceJoin, PresenceLeave, Notice, *in_band, *common],
            [_legacy_game_event()],
        ),
    }


def _one_of(
    title: str,
    controls: Iterable[type[ControlFrame]],
    events: list[Schema],
    referenced: Iterable[type[Event]] = (),
) -> Schema:
    controls = list(controls)
    _, definitions = msgspec.json.schema_components([*controls, *referenced], ref_template=_REF)
    for control in controls:
        _complete_control(definitions[control.__name__], control.type)
    references = [{"$ref": _REF.format(name=control.__name__)} for control in controls]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "oneOf": [*references, *events],
        "$defs": definitions,
    }


def _complete_control(schema: Schema, frame_type: str) -> None:
    """Add the discriminator `type`, and the wire format of timestamps."""
    for name, value in schema["properties"].items():
        if value.get("format") == "date-time":
            schema["properties"][name] = _TIMESTAMP
    schema["properties"] = {"type": {"const": frame_type}, **schema["properties"]}
    schema["required"] = ["type", *schema.get("required", [])]


def _envelope(event: type[Event]) -> Schema:
    properties = {
        "type": {"const": event.type},
        "v": {"const": event.version},
        "id": {"type": "string", "format": "uuid"},
        "seq": {"type": "integer", "minimum": 1},
        "user_id": {"type": "integer"},
        "ts": _TIMESTAMP,
        "cause": {
            "type": "string",
            "description": "The Idempotency-Key of the request that caused the event, if any.",
        },
        "data": {"$ref": _REF.format(name=event.__name__)},
    }
    return _object(event.type, properties, required=[n for n in properties if n != "cause"])


def _legacy_game_event() -> Schema:
    properties = {
        "type": {"const": "game_event"},
        "game_type": {"enum": [game_type.value for game_type in GameType]},
        "user_id": {"type": "integer"},
        "bet": {"type": "number"},
        "result": {"type": "object"},
        "ts": _TIMESTAMP,
    }
    return _object("game_event", properties, required=list(properties))


def _object(title: str, properties: Schema, required: list[str]) -> Schema:
    return {"title": title, "type": "object", "properties": properties, "required": required}
