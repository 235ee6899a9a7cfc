"""EventRange: entries that are encoded once."""

import pytest

from application.cluster.event_range import MAX_JOINED, EventRange, join_ranges
from application.ports.storage.journal import JournalEntry
from application.sync.frame_formats import LegacyFormat
from tests.support.formats import standard_format
from tests.support.stage import Stage

ENTRIES = [
    JournalEntry(5, "user_action", b"five"),
    JournalEntry(6, "x", b"sixth"),
    JournalEntry(7, "y", b"7"),
]


def test_knows_its_ends() -> None:
    """It has its user, its first number and its last one."""
    event_range = EventRange(3, ENTRIES)
    assert (event_range.user_id, event_range.first_seq, event_range.last_seq) == (3, 5, 7)


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
    frame_batch = EventRange(3, ENTRIES).frame_batch(standard_format(), after)
    assert [frame.payload for frame in frame_batch.frames] == expected
    assert frame_batch.size == sum(map(len, expected))


def test_frames_are_shared() -> None:
    """All sessions of a frame format get the same frame objects, so sinks encode them once."""
    event_range, frame_format = EventRange(3, ENTRIES), standard_format()
    assert event_range.frame_batch(frame_format, 0) is event_range.frame_batch(frame_format, 4)
    assert (
        event_range.frame_batch(frame_format, 4).frames[2]
        is event_range.frame_batch(frame_format, 6).frames[0]
    )


def test_each_frame_format_has_its_own_frames(stage: Stage) -> None:
    """The legacy format has frames for games only."""
    stage.play()
    entries = stage.world.database.now(lambda stores: stores.journal.page(stage.ada, 0, 2**20))
    event_range = EventRange(stage.ada, entries)
    standard = event_range.frame_batch(standard_format(), 0)
    legacy = event_range.frame_batch(LegacyFormat(stage.world.container.codec()), 0)
    assert [frame.seq for frame in standard.frames] == [1, 2]
    assert [frame.seq for frame in legacy.frames] == [2]


def entries(*seqs: int) -> list[JournalEntry]:
    return [JournalEntry(seq, "user_action", b"%d" % seq) for seq in seqs]


def spans(arrived: list[tuple[int, list[JournalEntry]]]) -> list[tuple[int, int, int]]:
    ranges = [EventRange(user_id, run) for user_id, run in arrived]
    return [(joined.user_id, joined.first_seq, joined.last_seq) for joined in join_ranges(ranges)]


def test_a_single_range_stays_as_it_is() -> None:
    """The range object is kept with its encoded frames."""
    (event_range,) = ranges = [EventRange(1, entries(1, 2))]
    assert join_ranges(ranges)[0] is event_range


def test_consecutive_ranges_are_joined() -> None:
    """Ranges of one user are joined across those of other users."""
    arrived = [(1, entries(1, 2)), (2, entries(7)), (1, entries(3)), (2, entries(8, 9))]
    assert spans(arrived) == [(1, 1, 3), (2, 7, 9)]


def test_gaps_and_duplicates_are_not_joined() -> None:
    """They stay in the order in which they arrived."""
    arrived = [(1, entries(1)), (1, entries(3)), (1, entries(3)), (1, entries(4)), (1, entries(2))]
    assert spans(arrived) == [(1, 1, 1), (1, 3, 3), (1, 3, 4), (1, 2, 2)]


def test_joined_ranges_are_limited() -> None:
    """A longer range would be too much for a socket at once."""
    arrived = [(1, entries(seq)) for seq in range(1, MAX_JOINED + 2)]
    assert spans(arrived) == [(1, 1, MAX_JOINED), (1, MAX_JOINED + 1, MAX_JOINED + 1)]
