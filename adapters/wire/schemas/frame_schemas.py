"""The published contract of the sockets: the JSON Schemas (2020-12) of all frames and messages.

The schemas are made from the classes that are encoded, so that they cannot differ from the code.
The files under `schemas/` are the published version; a test compares them with this. Schemas of
what we send are closed: nothing is sent that they do not describe. A later release may add fields,
which clients ignore.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.wire.schemas.open_enums import with_open_enums
from adapters.wire.schemas.sent_structs import (
    Field,
    Struct,
    data_struct,
    frame_struct,
    make_struct,
    sent_fields,
    type_field,
    version_field,
)
from application.frames.client_messages import CLIENT_MESSAGES
from application.frames.control_frames import (
    CONTROL_FRAMES,
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
from application.frames.legacy_game_event import FlatGameEvent
from domain.events import EVENT_VERSIONS, Event, RecordedEvent

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REF = "#/$defs/{name}"

_COMMON = (Pong, ErrorFrame, Reconnect)
_IN_BAND = (TokenExpiring, AuthOk)
ENDPOINTS: Mapping[str, Sequence[type[ControlFrame]]] = {
    "sync": (SyncConnected, InitialState, Notice, *_IN_BAND, *_COMMON),
    "legacy": (WsAck, *_COMMON),
    "monitor": (
        MonitorSnapshot,
        MonitorGap,
        PresenceJoin,
        PresenceLeave,
        Notice,
        *_IN_BAND,
        *_COMMON,
    ),
}
"""The control frames of each endpoint."""

EVENTS: Sequence[type[Event]] = [cls for versions in EVENT_VERSIONS.values() for cls in versions]
"""Every version of every type that is served."""

_TITLES = {
    "sync": "Frames of /api/realtime/sync",
    "legacy": "Frames of /api/games/ws (deprecated)",
    "monitor": "Frames of /api/games/ws/monitor",
}


def schema_documents() -> Mapping[str, Schema]:
    """All documents by path: those of events, control frames and client messages, and one of all
    frames per endpoint."""
    return {
        **{
            f"events/{cls.type}/{cls.version}.json": {
                **_document(event_struct(cls)),
                **_lifetime(cls),
            }
            for cls in EVENTS
        },
        **{f"frames/{cls.type}.json": _document(frame_struct(cls)) for cls in CONTROL_FRAMES},
        **{
            f"messages/{cls.type}.json": _document(frame_struct(cls, closed=False))
            for cls in CLIENT_MESSAGES
        },
        **{f"{endpoint}.json": _endpoint(endpoint) for endpoint in ENDPOINTS},
    }


def event_name(cls: type[Event]) -> str:
    """The name of a version of an event among all schemas: `PurchaseUpdateV2`."""
    return f"{cls.type.title().replace('_', '')}V{cls.version}"


def event_struct(cls: type[Event]) -> Struct:
    """The standard envelope with the data of this version."""
    name = event_name(cls)
    envelope: list[Field] = [field for field in sent_fields(RecordedEvent) if field[0] != "event"]
    return make_struct(
        name,
        cls.__doc__,
        [
            type_field(cls.type),
            version_field(cls.version),
            *envelope,
            ("data", data_struct(cls, f"{name}Data")),
        ],
    )


def _document(struct: Struct) -> Schema:
    definitions = _definitions([struct])
    schema = definitions.pop(struct.__name__)
    document = {"$schema": DIALECT, **schema}
    return {**document, "$defs": definitions} if definitions else document


def _lifetime(cls: type[Event]) -> Schema:
    return {"deprecated": True, "x-sunset": cls.ends.isoformat()} if cls.ends else {}


def _endpoint(endpoint: str) -> Schema:
    versions = EVENTS if endpoint == "sync" else ()
    structs = [frame_struct(cls) for cls in ENDPOINTS[endpoint]]
    structs += [event_struct(cls) for cls in versions]
    if not versions:
        structs.append(frame_struct(FlatGameEvent, closed=False))
    definitions = _definitions(structs)
    for cls in versions:
        definitions[event_name(cls)] |= _lifetime(cls)
    return {
        "$schema": DIALECT,
        "title": _TITLES[endpoint],
        "oneOf": [{"$ref": _REF.format(name=struct.__name__)} for struct in structs],
        "$defs": definitions,
    }


def _definitions(structs: Iterable[Struct]) -> Schema:
    _, definitions = msgspec.json.schema_components(structs, ref_template=_REF)
    simplified: Schema = _simplified(with_open_enums(definitions))
    return simplified


def _simplified(schema: Any) -> Any:
    """A single allowed value as `const`."""
    match schema:
        case {"enum": [value], **others} if "title" not in others:
            return {"const": value, **others}
        case dict():
            return {name: _simplified(value) for name, value in schema.items()}
        case list():
            return [_simplified(value) for value in schema]
    return schema
