"""Consecutive events of one user, on their way from a commit to sockets.

The publisher creates a range, the broadcaster carries it, and on each node every session takes its
frames from it. Frames are encoded once per format and shared by all sockets.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from application.frames.frame import Frame, FrameBatch
from application.ports.storage.journal import JournalEntry

MAX_JOINED = 100
"""Entries in a joined range: it should not fill a socket's buffer by itself."""

_USER = "user."


def user_topic(user_id: int) -> str:
    """All events of one user."""
    return f"{_USER}{user_id}"


def is_user_topic(topic: str) -> bool:
    """Whether messages of this topic are event ranges."""
    return topic.startswith(_USER)


class EntryEncoder(ABC):
    """Turns journal entries into frames of one format."""

    @abstractmethod
    def encode(self, entry: JournalEntry) -> bytes | None:
        """The payload of a frame, or None if the format leaves this entry out."""


class EventRange:
    """Entries of one user without a gap; a message on the user's topic."""

    __slots__ = ("_batches", "entries", "first_seq", "last_seq", "user_id")

    def __init__(self, user_id: int, entries: Sequence[JournalEntry]) -> None:
        """`entries` has at least one."""
        self.user_id = user_id
        self.entries = entries
        self.first_seq = entries[0].seq
        self.last_seq = entries[-1].seq
        self._batches: dict[EntryEncoder, FrameBatch] = {}

    @property
    def topic(self) -> str:
        """The topic of the user."""
        return user_topic(self.user_id)

    def frame_batch(self, encoder: EntryEncoder, after: int) -> FrameBatch:
        """A frame for each entry beyond `after` that the format does not leave out."""
        batch = self._batches.get(encoder)
        if batch is None:
            encoded = ((encoder.encode(entry), entry.seq) for entry in self.entries)
            frames = [Frame(payload, seq) for payload, seq in encoded if payload is not None]
            batch = self._batches[encoder] = FrameBatch(frames)
        if after < self.first_seq:
            return batch
        return FrameBatch(
            [frame for frame in batch.frames if frame.seq is None or frame.seq > after]
        )

    def __repr__(self) -> str:
        return f"<EventRange {self.user_id}:{self.first_seq}-{self.last_seq}>"


def join_ranges(arrived: Iterable[EventRange]) -> list[EventRange]:
    """The same entries in as few ranges as possible: a range that continues the last one of its
    user is joined with it."""
    runs: list[list[EventRange]] = []
    latest: dict[int, tuple[list[EventRange], int]] = {}
    for event_range in arrived:
        run, count = latest.get(event_range.user_id, (None, 0))
        count += len(event_range.entries)
        if run is None or run[-1].last_seq + 1 != event_range.first_seq or count > MAX_JOINED:
            run, count = [], len(event_range.entries)
            runs.append(run)
        run.append(event_range)
        latest[event_range.user_id] = run, count
    return [_joined(run) for run in runs]


def _joined(run: list[EventRange]) -> EventRange:
    if len(run) == 1:
        return run[0]
    entries = [entry for event_range in run for entry in event_range.entries]
    return EventRange(run[0].user_id, entries)
