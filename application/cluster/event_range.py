"""Journal entries on their way to sockets: encoded once a dialect, shared by all."""

from collections.abc import Iterable, Sequence

from application.frames.frame import Frame, FrameBatch
from application.ports.storage.journal import JournalEntry
from application.sync.frame_formats import FrameFormat

MOST_ENTRIES = 100
"""Of messages that are joined into a batch: it should not fill a socket's buffer by itself."""


class EventRange:
    """Consecutive entries of one user."""

    __slots__ = ("_entries", "_frame_batches", "first_seq", "last_seq", "user_id")

    def __init__(self, user_id: int, entries: Sequence[JournalEntry]) -> None:
        self.user_id = user_id
        self.first_seq = entries[0].seq
        self.last_seq = entries[-1].seq
        self._entries = entries
        self._frame_batches: dict[FrameFormat, FrameBatch] = {}

    def frame_batch(self, frame_format: FrameFormat, after: int) -> FrameBatch:
        """A frame for each entry beyond `after` of which the dialect has one."""
        frame_batch = self._frame_batches.get(frame_format)
        if frame_batch is None:
            encoded = ((frame_format.encode(entry), entry.seq) for entry in self._entries)
            frames = [Frame(payload, seq) for payload, seq in encoded if payload is not None]
            frame_batch = self._frame_batches[frame_format] = FrameBatch(frames)
        if after < self.first_seq:
            return frame_batch
        return FrameBatch(
            [frame for frame in frame_batch.frames if frame.seq is None or frame.seq > after]
        )


def join_ranges(arrived: Iterable[tuple[int, list[JournalEntry]]]) -> list[EventRange]:
    """Users' entries as they arrived, in as few batches as possible: what continues the last ones
    of its user goes with them."""
    runs: list[tuple[int, list[JournalEntry]]] = []
    latest: dict[int, list[JournalEntry]] = {}
    for user_id, entries in arrived:
        run = latest.get(user_id)
        if (
            run is not None
            and run[-1].seq + 1 == entries[0].seq
            and len(run) + len(entries) <= MOST_ENTRIES
        ):
            run += entries
        else:
            latest[user_id] = entries
            runs.append((user_id, entries))
    return [EventRange(user_id, run) for user_id, run in runs]
