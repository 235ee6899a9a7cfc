"""The published contract of the sockets: the JSON Schemas (2020-12) of all frames and messages.

The schemas are made from the classes that are encoded, so that they cannot differ from the code.
The files under `schemas/` are the published version; a test compares them with this. Schemas of
what we send are closed: nothing is sent that they do not describe. A later release may add fields,
which clients ignore.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from adapters.wire.schemas.frame_examples import example_of
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
SERVED_AT = "/schema/"
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

UNIONS: Mapping[str, str] = {
    "SyncFrame": "sync",
    "LegacyFrame": "legacy",
    "MonitorFrame": "monitor",
}
"""The name of any frame of an endpoint."""

CLIENT_MESSAGE = "ClientSocketMessage"
"""The name of any message of a client."""

_UNION_DESCRIPTIONS = {
    "SyncFrame": "Any frame of `/api/realtime/sync`, the stream and the polls.",
    "LegacyFrame": "Any frame of `/api/games/ws`.",
    "MonitorFrame": "Any frame of `/api/games/ws/monitor`.",
    CLIENT_MESSAGE: "Any message of a client over a socket.",
}

_TITLES = {
    "sync": "Frames of /api/realtime/sync",
    "legacy": "Frames of /api/games/ws (deprecated)",
    "monitor": "Frames of /api/games/ws/monitor",
}


@cache
def schema_documents() -> Mapping[str, Schema]:
    """All documents by path: those of events, control frames and client messages, and one of all
    frames per endpoint. Their `$id` is their address at the service."""
    documents = {
        **{f"events/{cls.type}/{cls.version}.json": _document(event_struct(cls)) for cls in EVENTS},
        **{f"frames/{cls.type}.json": _document(frame_struct(cls)) for cls in CONTROL_FRAMES},
        **{
            f"messages/{cls.type}.json": _document(frame_struct(cls, closed=False))
            for cls in CLIENT_MESSAGES
        },
        **{f"{endpoint}.json": _endpoint(endpoint) for endpoint in ENDPOINTS},
    }
    return {
        path: {"$schema": DIALECT, "$id": f"{SERVED_AT}{path}", **document}
        for path, document in documents.items()
    }


@cache
def frame_components(reference: str = "#/components/schemas/{name}") -> Schema:
    """The schemas of all frames and messages by name, of what they refer to, and of any frame of an
    endpoint (`UNIONS`), for documents that hold them all."""
    messages = [frame_struct(cls, closed=False) for cls in CLIENT_MESSAGES]
    by_union = {
        **{union: structs_of(endpoint) for union, endpoint in UNIONS.items()},
        CLIENT_MESSAGE: messages,
    }
    structs = dict.fromkeys(struct for structs in by_union.values() for struct in structs)
    unions = {
        union: {
            "title": union,
            "description": _UNION_DESCRIPTIONS[union],
            "oneOf": [{"$ref": reference.format(name=struct.__name__)} for struct in structs],
        }
        for union, structs in by_union.items()
    }
    return {**_definitions(structs, reference), **unions}


def structs_of(endpoint: str) -> Sequence[Struct]:
    """All frames of an endpoint."""
    controls = [frame_struct(cls) for cls in ENDPOINTS[endpoint]]
    if endpoint == "sync":
        return [*controls, *map(event_struct, EVENTS)]
    return [*controls, frame_struct(FlatGameEvent, closed=False)]


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
    return {**schema, "$defs": definitions} if definitions else schema


def _lifetime(cls: type[Event]) -> Schema:
    return {"deprecated": True, "x-sunset": cls.ends.isoformat()} if cls.ends else {}


def _endpoint(endpoint: str) -> Schema:
    structs = structs_of(endpoint)
    return {
        "title": _TITLES[endpoint],
        "oneOf": [{"$ref": _REF.format(name=struct.__name__)} for struct in structs],
        "$defs": _definitions(structs),
    }


def _definitions(structs: Iterable[Struct], reference: str = _REF) -> Schema:
    """The schemas of frames and of what they refer to; each frame has an example."""
    structs = [*structs]
    _, definitions = msgspec.json.schema_components(structs, ref_template=reference)
    simplified: Schema = _simplified(with_open_enums(definitions))
    for cls in EVENTS:
        if event_name(cls) in simplified:
            simplified[event_name(cls)] |= _lifetime(cls)
    for struct in structs:
        schema = simplified[struct.__name__]
        schema["examples"] = [example_of(schema, simplified)]
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
