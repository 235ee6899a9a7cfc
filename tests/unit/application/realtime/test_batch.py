"""Entries on their way, encoded once."""

import pytest

from application.ports.stores.journal import Entry
from application.realtime.batch import MOST_ENTRIES, Batch, batches
from application.realtime.dialects import FlatDialect, StandardDialect
from tests.unit.application.realtime.conftest import Stage

ENTRIES = [Entry(5, "user_action", b"five"), Entry(6, "x", b"sixth"), Entry(7, "y", b"7")]


def test_knows_its_ends() -> None:
    """And whose it is."""
    batch = Batch(3, ENTRIES)
    assert (batch.user_id, batch.first_seq, batch.last_seq) == (3, 5, 7)


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
    burst = Batch(3, ENTRIES).burst(StandardDialect(heartbeat_s=20), after)
    assert [frame.payload for frame in burst.frames] == expected
    assert burst.size == sum(map(len, expected))


def test_frames_are_shared() -> None:
    """All sessions of a dialect write the same frame, and with it what sinks make of it."""
    batch, dialect = Batch(3, ENTRIES), StandardDialect(heartbeat_s=20)
    assert batch.burst(dialect, 0) is batch.burst(dialect, 4)
    assert batch.burst(dialect, 4).frames[2] is batch.burst(dialect, 6).frames[0]


def test_each_dialect_has_its_own_frames(stage: Stage) -> None:
    """Fewer where a dialect has nothing to say."""
    stage.play()
    entries = stage.world.database.now(lambda stores: stores.journal.page(stage.ada, 0, 2**20))
    batch = Batch(stage.ada, entries)
    standard = batch.burst(StandardDialect(heartbeat_s=20), 0)
    flat = batch.burst(FlatDialect(stage.world.container.codec()), 0)
    assert [frame.seq for frame in standard.frames] == [1, 2]
    assert [frame.seq for frame in flat.frames] == [2]


def entries(*seqs: int) -> list[Entry]:
    return [Entry(seq, "user_action", b"%d" % seq) for seq in seqs]


def spans(arrived: list[tuple[int, list[Entry]]]) -> list[tuple[int, int, int]]:
    return [(batch.user_id, batch.first_seq, batch.last_seq) for batch in batches(arrived)]


def test_what_continues_goes_together() -> None:
    """Of each user, whoever else's comes in between."""
    arrived = [(1, entries(1, 2)), (2, entries(7)), (1, entries(3)), (2, entries(8, 9))]
    assert spans(arrived) == [(1, 1, 3), (2, 7, 9)]


def test_gaps_and_repetitions_stay_apart() -> None:
    """In the order in which they arrived."""
    arrived = [(1, entries(1)), (1, entries(3)), (1, entries(3)), (1, entries(4)), (1, entries(2))]
    assert spans(arrived) == [(1, 1, 1), (1, 3, 3), (1, 3, 4), (1, 2, 2)]


def test_batches_stay_small() -> None:
    """Else they would be too much for a socket at once."""
    arrived = [(1, entries(seq)) for seq in range(1, MOST_ENTRIES + 2)]
    assert spans(arrived) == [(1, 1, MOST_ENTRIES), (1, MOST_ENTRIES + 1, MOST_ENTRIES + 1)]
