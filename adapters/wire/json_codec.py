"""The Codec in JSON.

There are two formats of events: the standard envelope of `/api/realtime/sync`, and the flat
`game_event` of the legacy and monitor sockets.
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

import msgspec
from cattrs.preconf.msgspec import make_converter

from adapters.wire.plain import plain, present_fields, timestamp
from application.frames.control_frames import ControlFrame
from application.frames.legacy_game_event import LegacyGameEvent
from application.ports.codec import ClientMessage, Codec
from application.ports.storage.journal import JournalEntry
from domain.events import EVENT_TYPES, GameEvent, RecordedEvent

R = TypeVar("R")

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode
_PING = ClientMessage("ping")
_converter = make_converter()
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
        return _encode({"type": frame.type, **plain(present_fields(frame))})

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
        cause=raw.get("cause"),
    )
