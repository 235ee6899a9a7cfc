"""The event of all fan-outs: an event of the product, 270 bytes in the standard envelope."""

from datetime import UTC, datetime
from uuid import UUID

from adapters.wire.json_codec import JsonCodec
from domain.events import RecordedEvent, RewardGranted

SIZE = 270
TIME = b"T" * 19
"""Placeholder for the time of publishing, in ns since 1970."""
GROUP = "G" * 6
"""Placeholder for the number of the group, in six digits."""

_SAMPLE_TIME = 1_111_111_111_111_111_111


def envelope(user_id: int = 100_000, seq: int = 100_000) -> bytes:
    """Encoded event with the placeholder `TIME`; `SIZE` bytes if both numbers have six digits."""
    padding = SIZE - len(_encode(100_000, 100_000, ""))
    return _encode(user_id, seq, "x" * padding)


def _encode(user_id: int, seq: int, note: str) -> bytes:
    event = RewardGranted(
        reward_type="gold", reward_data={"t": _SAMPLE_TIME, "note": note}, source="benchmark"
    )
    recorded = RecordedEvent(
        id=UUID("019a0000-0000-7000-8000-000000000000"),
        seq=seq,
        user_id=user_id,
        ts=datetime(2026, 1, 1, tzinfo=UTC),
        event=event,
    )
    return JsonCodec().event(recorded).replace(str(_SAMPLE_TIME).encode(), TIME)
