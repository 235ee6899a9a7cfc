"""The event that is fanned out: a real one of the product's, 270 bytes as standard envelope."""

from datetime import UTC, datetime
from uuid import UUID

from adapters.wire.json_codec import JsonCodec
from domain.events import RecordedEvent, RewardGranted

SIZE = 270
TIME = b"T" * 19
"""Stands where the time of publishing goes, in ns since 1970."""
GROUP = "G" * 6
"""Stands where the number of the group goes, in six digits."""

_SOME_TIME = 1_111_111_111_111_111_111


def envelope(user_id: int = 100_000, seq: int = 100_000) -> bytes:
    """With `TIME` in place of the time. Of `SIZE` if both numbers have six digits."""
    padding = SIZE - len(_encode(100_000, 100_000, ""))
    return _encode(user_id, seq, "x" * padding)


def _encode(user_id: int, seq: int, note: str) -> bytes:
    event = RewardGranted(
        reward_type="gold", reward_data={"t": _SOME_TIME, "note": note}, source="benchmark"
    )
    recorded = RecordedEvent(
        id=UUID("019a0000-0000-7000-8000-000000000000"),
        seq=seq,
        user_id=user_id,
        ts=datetime(2026, 1, 1, tzinfo=UTC),
        event=event,
    )
    return JsonCodec().event(recorded).replace(str(_SOME_TIME).encode(), TIME)
