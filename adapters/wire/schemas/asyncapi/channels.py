"""The channels: what they are for, how a connection to them begins, and what it may ask for."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from adapters.wire.schemas.frame_schemas import Schema
from application.frames.accepted_events import MAX_LENGTH, PATTERN
from domain.events import GameType

_TEXT: Schema = {"type": "string"}

_SINCE: Schema = {
    **_TEXT,
    "description": "The last position of the device, `<epoch>:<seq>`: it goes on there.",
    "examples": ["c81a5f0e:42"],
}
_ACCEPT: Schema = {
    **_TEXT,
    "maxLength": MAX_LENGTH,
    "pattern": PATTERN,
    "description": "Which events, in which versions, comma-separated; `*`: all others, in their "
    "oldest version. Without it: all.",
    "examples": ["purchase_update.2,*"],
}
_TICKET: Schema = {**_TEXT, "description": "A ticket, instead of the token; see `ticket`."}
_TOKEN: Schema = {**_TEXT, "description": "The access token, where a setting allows it here."}
_REPEATABLE = "Repeatable, for several."
_USER_ID: Schema = {
    "type": "integer",
    "minimum": 1,
    "description": f"Only games of this user. {_REPEATABLE}",
}
_GAME_TYPE: Schema = {
    "enum": [game_type.value for game_type in GameType],
    "description": f"Only this game. {_REPEATABLE}",
}
_CARRIED = {"ticket": _TICKET, "token": _TOKEN}


@frozen(kw_only=True)
class Channel:
    """`frames` names the union of its frames, `takes` the messages that clients may send."""

    name: str
    address: str
    title: str
    summary: str
    first_frames: str
    frames: str
    takes: Sequence[str]
    query: Mapping[str, Schema]
    protocol: str = "ws"
    deprecated: bool = False


CHANNELS: Sequence[Channel] = (
    Channel(
        name="sync",
        address="/api/realtime/sync",
        title="A user's devices",
        summary="Everything that happens to the user, in order and without a gap.",
        first_frames="`sync_connected` comes first. If its `recovered` is false, `initial_state` "
        "is next: the state at exactly its `seq`. Then the events follow, each with the next "
        "`seq`, unless `accept` leaves types out. Control frames may stand between events; they "
        "have no `seq` of their own.",
        frames="SyncFrame",
        takes=("Ping", "Auth"),
        query={"since": _SINCE, "accept": _ACCEPT, **_CARRIED},
    ),
    Channel(
        name="legacy",
        address="/api/games/ws",
        title="Games of a user, for clients of before",
        summary="The games of the user, flat, without state or position. Use `sync`.",
        first_frames="`ws_ack` comes first, then a flat `game_event` for each game from now on. "
        "Nothing can be resumed.",
        frames="LegacyFrame",
        takes=("Ping",),
        query=_CARRIED,
        deprecated=True,
    ),
    Channel(
        name="monitor",
        address="/api/games/ws/monitor",
        title="What operators watch",
        summary="The games of all users, and who comes and goes. Needs the role `admin`.",
        first_frames="`monitor_snapshot` comes first: who is connected, and the latest games. Then "
        "a flat `game_event` for each game, `presence_join` and `presence_leave`. A monitor that "
        "is too slow gets `monitor_gap` with the number of what it missed, and a new "
        "`monitor_snapshot`.",
        frames="MonitorFrame",
        takes=("Ping", "Auth"),
        query={"user_id": _USER_ID, "game_type": _GAME_TYPE, **_CARRIED},
    ),
    Channel(
        name="stream",
        address="/api/realtime/stream",
        title="The frames of `sync` as Server-Sent Events",
        summary="For networks that break WebSockets: the same frames, one way.",
        first_frames="As `sync`. Each frame is the `data` of an event, whose `id` is the position "
        "after it: browsers send it as `Last-Event-ID` when they return. Comments are heartbeats. "
        "The last event has the type `close`, and as data the `code` and the `reason` with which a "
        "socket would be closed.",
        frames="SyncFrame",
        takes=(),
        query={"since": _SINCE, "accept": _ACCEPT, **_CARRIED},
        protocol="http",
    ),
)

_HEADERS: Schema = {
    "type": "object",
    "properties": {
        "Authorization": {**_TEXT, "description": "`Bearer <access token>`."},
        "Origin": {**_TEXT, "description": "Sent by browsers: one of the allowed origins."},
    },
}
_SUBPROTOCOLS: Schema = {
    **_TEXT,
    "description": "Comma-separated. `synchub.v1`: the client knows our close codes, and the "
    "server selects it. Beside it, `bearer.<access token>` carries the token, and "
    "`accept.<type>.<version>` and `accept.*` are the parts of `accept`, for browsers.",
    "examples": ["synchub.v1, bearer.eyJhbGciOi…, accept.purchase_update.2, accept.*"],
}


def described(channel: Channel, messages: Schema) -> Schema:
    """The channel in the document."""
    words = f"{channel.summary}\n\n{channel.first_frames}"
    entry: dict[str, Any] = {
        "address": channel.address,
        "title": channel.title,
        "summary": channel.summary,
        "description": words,
        "servers": [{"$ref": f"#/servers/{channel.protocol}"}],
        "messages": messages,
    }
    if channel.protocol == "ws":
        headers = {**_HEADERS["properties"], "Sec-WebSocket-Protocol": _SUBPROTOCOLS}
        entry["bindings"] = {
            "ws": {
                "method": "GET",
                "query": {"type": "object", "properties": dict(channel.query)},
                "headers": {"type": "object", "properties": headers},
                "bindingVersion": "0.1.0",
            }
        }
    if channel.deprecated:
        entry["x-deprecated"] = True
    return entry


def http_binding(channel: Channel) -> Schema:
    """The query of a channel over HTTP, which is part of its operation."""
    return {
        "http": {
            "method": "GET",
            "query": {"type": "object", "properties": dict(channel.query)},
            "bindingVersion": "0.3.0",
        }
    }
