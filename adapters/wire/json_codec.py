"""The Codec in JSON.

There are two formats of events: the standard envelope of `/api/realtime/sync`, and the flat
`game_event` of the legacy and monitor sockets. Timestamps are ISO 8601 in UTC with milliseconds and
`Z` (RFC 3339).
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

import msgspec
from attrs import AttrsInstance, fields
from cattrs.preconf.msgspec import make_converter

from application.frames.control_frames import CONTROL_FRAMES, ControlFrame
from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.codec import ClientMessage, Codec
from application.ports.storage.journal import JournalEntry
from domain.events import EVENT_TYPES, Event, GameEvent, RecordedEvent

R = TypeVar("R")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_PING = ClientMessage("ping")
_converter = make_converter(prefer_attrib_converters=True)
"""Fields with a converter of their own read the values that earlier versions stored."""
_converter.register_structure_hook(UUID, lambda value, _: UUID(value))


class JsonCodec(Codec):
    """msgspec encodes frames (once per event, fast); cattrs encodes results that are decoded
    again."""

    def event(self, recorded: RecordedEvent) -> bytes:
        event = recorded.event
        return _encode(
            {
                "type": event.type,
                "v": event.version,
                "id": recorded.id,
                "seq": recorded.seq,
                "user_id": recorded.user_id,
                "ts": timestamp(recorded.ts),
                "data": _present_fields(event),
            }
        )

    def recorded(self, entry: JournalEntry) -> RecordedEvent:
        return entry.recorded or read_envelope(entry.envelope)

    def legacy(self, entry: JournalEntry) -> LegacyGameEvent | None:
        if entry.type != GameEvent.type:
            return None
        recorded = self.recorded(entry)
        game = recorded.event
        assert isinstance(game, GameEvent), "checked by entry.type"
        frame = _encode(
            {
                "type": game.type,
                "game_type": game.game_type,
                "user_id": recorded.user_id,
                "bet": game.bet,
                "result": game.result,
                "ts": timestamp(recorded.ts),
                "id": recorded.id,
                "subtype": game.subtype,
                "win": game.win,
            }
        )
        return LegacyGameEvent(recorded.user_id, entry.seq, game.game_type, frame)

    def control(self, frame: ControlFrame) -> bytes:
        present = _present_fields(frame)
        for name, value in present.items():
            if isinstance(value, datetime):
                present[name] = timestamp(value)
        return _encode({"type": frame.type, **present})

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
            case {"type": str(kind), "token": str(token)}:
                return ClientMessage(kind, token)
            case {"type": str(kind)}:
                return ClientMessage(kind)
        return None

    def dump(self, result: object) -> bytes:
        return bytes(_converter.dumps(result))

    def load(self, data: bytes, result_type: type[R]) -> R:
        return _converter.loads(data, result_type)


def read_envelope(envelope: bytes) -> RecordedEvent:
    """Decode a standard envelope: the inverse of `JsonCodec.event`.

    KeyError for an unknown type; errors of cattrs and msgspec for malformed data.
    """
    raw = _decode(envelope)
    return RecordedEvent(
        id=_converter.structure(raw["id"], UUID),
        seq=raw["seq"],
        user_id=raw["user_id"],
        ts=datetime.fromisoformat(raw["ts"]),
        event=_converter.structure(raw["data"], EVENT_TYPES[raw["type"]]),
    )


@lru_cache(maxsize=64)
def timestamp(moment: datetime) -> str:
    """Format a time as `2025-08-16T12:34:56.789Z`. All events of a transaction have the same."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


_FIELDS = {
    cls: tuple(attribute.name for attribute in fields(cast("type[AttrsInstance]", cls)))
    for cls in (*EVENT_TYPES.values(), *CONTROL_FRAMES)
}


def _present_fields(instance: Event | ControlFrame) -> dict[str, Any]:
    names = _FIELDS[type(instance)]
    return {name: value for name in names if (value := getattr(instance, name)) is not None}
