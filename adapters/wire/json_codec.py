"""The Codec in JSON.

There are two formats of events: the standard envelope of `/api/realtime/sync`, and the flat
`game_event` of the legacy and monitor sockets.
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec
from attrs import evolve
from cattrs.preconf.msgspec import make_converter

from adapters.wire.plain import plain, present_fields, timestamp
from application.frames.client_messages import Auth, ClientMessage, Ping
from application.frames.control_frames import ControlFrame
from application.frames.legacy_game_event import FlatGameEvent, LegacyGameEvent
from application.ports.codec import Codec
from application.ports.storage.journal import JournalEntry
from domain.events import (
    EVENT_TYPES,
    EVENT_VERSIONS,
    GameEvent,
    RecordedEvent,
    find_version,
    in_version,
)

R = TypeVar("R")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_PING = Ping()
_SINGLE = frozenset(name for name, versions in EVENT_VERSIONS.items() if len(versions) == 1)
"""The types with a single version: their envelopes need not be looked into."""

_converter = make_converter(prefer_attrib_converters=True)
"""Fields with a converter of their own read the values that earlier versions stored."""
_converter.register_structure_hook(UUID, lambda value, _: UUID(value))


class JsonCodec(Codec):
    """msgspec encodes frames (once per event, fast); cattrs encodes results that are decoded
    again."""

    def event(self, recorded: RecordedEvent) -> bytes:
        event = recorded.event
        envelope = {
            "type": event.type,
            "v": event.version,
            "id": recorded.id,
            "seq": recorded.seq,
            "user_id": recorded.user_id,
            "ts": timestamp(recorded.ts),
        }
        if recorded.cause is not None:
            envelope["cause"] = recorded.cause
        envelope["data"] = present_fields(event)
        return _encode(envelope)

    def envelope(self, entry: JournalEntry, version: int) -> bytes:
        if entry.type in _SINGLE:
            return entry.envelope
        journaled = _read_version(entry.envelope).v
        if journaled == version or find_version(entry.type, journaled) is None:
            return entry.envelope
        recorded = entry.recorded or read_envelope(entry.envelope)
        return self.event(evolve(recorded, event=in_version(recorded.event, version)))

    def recorded(self, entry: JournalEntry) -> RecordedEvent:
        recorded = entry.recorded or read_envelope(entry.envelope)
        newest = EVENT_TYPES[entry.type].version
        if recorded.event.version == newest:
            return recorded
        return evolve(recorded, event=in_version(recorded.event, newest))

    def legacy(self, entry: JournalEntry) -> LegacyGameEvent | None:
        if entry.type != GameEvent.type:
            return None
        recorded = self.recorded(entry)
        game = recorded.event
        assert isinstance(game, GameEvent), "checked by entry.type"
        flat = FlatGameEvent(
            game_type=game.game_type,
            user_id=recorded.user_id,
            bet=game.bet,
            result=game.result,
            ts=recorded.ts,
            id=recorded.id,
            subtype=game.subtype,
            win=game.win,
        )
        return LegacyGameEvent(recorded.user_id, entry.seq, game.game_type, _typed(flat))

    def control(self, frame: ControlFrame) -> bytes:
        return _typed(frame)

    def embed(self, encoded: bytes) -> object:
        return msgspec.Raw(encoded)

    def client_message(self, text: str | bytes) -> ClientMessage | None:
        if text in ("ping", b"ping"):
            return _PING
        try:
            message = _decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return None
        match message:
            case {"type": Auth.type, "token": str(token)}:
                return Auth(token)
            case {"type": Auth.type}:
                return Auth("")
            case {"type": Ping.type}:
                return _PING
        return None

    def dump(self, result: object) -> bytes:
        return bytes(_converter.dumps(result))

    def load(self, data: bytes, result_type: type[R]) -> R:
        return _converter.loads(data, result_type)


def read_envelope(envelope: bytes) -> RecordedEvent:
    """Decode a standard envelope, in the version in which it was journaled: the inverse of
    `JsonCodec.event`.

    LookupError for an unknown type or version; errors of cattrs and msgspec for malformed data.
    """
    raw = _decode(envelope)
    event_class = find_version(raw["type"], raw["v"])
    if event_class is None:
        raise LookupError(f"unknown event {raw['type']} {raw['v']}")
    return RecordedEvent(
        id=_converter.structure(raw["id"], UUID),
        seq=raw["seq"],
        user_id=raw["user_id"],
        ts=datetime.fromisoformat(raw["ts"]),
        event=_converter.structure(raw["data"], event_class),
        cause=raw.get("cause"),
    )


class _Version(msgspec.Struct):
    """The version of an envelope, without decoding the rest."""

    v: int


_read_version = msgspec.json.Decoder(_Version).decode


def _typed(frame: ControlFrame | FlatGameEvent) -> bytes:
    return _encode({"type": frame.type, **plain(present_fields(frame))})
