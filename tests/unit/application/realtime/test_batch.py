"""Entries on their way, encoded once."""

import pytest

from application.ports.stores.journal import Entry
from application.realtime.batch import Batch
from application.realtime.dialects import FlatDialect, StandardDialect
from tests.unit.application.realtime.conftest import Stage

ENTRIES = [Entry(5, "user_action", b"five"), Entry(6, "x", b"sixth"), Entry(7, "y", b"7")]


def test_knows_its_ends_and_size() -> None:
    """The size is in bytes of envelopes."""
    batch = Batch(3, ENTRIES)
    assert (batch.user_id, batch.first_seq, batch.last_seq, batch.size) == (3, 5, 7, 10)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (0, [b"five", b"sixth", b"7"]),
        (4, [b"five", b"sixth", b"7"]),
        (5, [b"sixth", b"7"]),
        (6, [b"7"]),
        (7, []),
    ],
)
def test_frames_beyond_a_position(after: int, expected: list[bytes]) -> None:
    frames = Batch(3, ENTRIES).frames(StandardDialect(heartbeat_s=20), after)
    assert [frame and frame.payload for frame in frames] == expected


def test_frames_are_shared() -> None:
    """All sessions of a dialect write the same frame, and with it what sinks make of it."""
    batch, dialect = Batch(3, ENTRIES), StandardDialect(heartbeat_s=20)
    assert batch.frames(dialect, 4)[2] is batch.frames(dialect, 6)[0]


def test_each_dialect_has_its_own_frames(stage: Stage) -> None:
    """None stands where a dialect has nothing to say."""
    stage.play()
    entries = stage.world.database.now(lambda stores: stores.journal.page(stage.ada, 0, 2**20))
    batch = Batch(stage.ada, entries)
    standard = batch.frames(StandardDialect(heartbeat_s=20), 0)
    flat = batch.frames(FlatDialect(stage.world.container.codec()), 0)
    assert [frame is None for frame in standard] == [False, False]
    assert [frame is None for frame in flat] == [True, False]
