"""Journal entries on their way to sockets: encoded once a dialect, shared by all."""

from collections.abc import Sequence

from application.ports.stores.journal import Entry
from application.realtime.dialects import Dialect
from application.realtime.frame import Frame


class Batch:
    """Consecutive entries of one user. `size` is in bytes of standard envelopes."""

    __slots__ = ("_entries", "_frames", "first_seq", "last_seq", "size", "user_id")

    def __init__(self, user_id: int, entries: Sequence[Entry]) -> None:
        self.user_id = user_id
        self.first_seq = entries[0].seq
        self.last_seq = entries[-1].seq
        self.size = sum(len(entry.envelope) for entry in entries)
        self._entries = entries
        self._frames: dict[Dialect, list[Frame | None]] = {}

    def frames(self, dialect: Dialect, after: int) -> list[Frame | None]:
        """A frame for each entry beyond `after`, None where the dialect has none."""
        frames = self._frames.get(dialect)
        if frames is None:
            encoded = ((dialect.encode(entry), entry.seq) for entry in self._entries)
            frames = [None if payload is None else Frame(payload, seq) for payload, seq in encoded]
            self._frames[dialect] = frames
        return frames if after < self.first_seq else frames[after - self.first_seq + 1 :]
