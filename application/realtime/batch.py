"""Journal entries on their way to sockets: encoded once a dialect, shared by all."""

from collections.abc import Iterable, Sequence

from application.ports.stores.journal import Entry
from application.realtime.dialects import Dialect
from application.realtime.frame import Burst, Frame

MOST_ENTRIES = 100
"""Of messages that are joined into a batch: it should not fill a socket's buffer by itself."""


class Batch:
    """Consecutive entries of one user."""

    __slots__ = ("_bursts", "_entries", "first_seq", "last_seq", "user_id")

    def __init__(self, user_id: int, entries: Sequence[Entry]) -> None:
        self.user_id = user_id
        self.first_seq = entries[0].seq
        self.last_seq = entries[-1].seq
        self._entries = entries
        self._bursts: dict[Dialect, Burst] = {}

    def burst(self, dialect: Dialect, after: int) -> Burst:
        """A frame for each entry beyond `after` of which the dialect has one."""
        burst = self._bursts.get(dialect)
        if burst is None:
            encoded = ((dialect.encode(entry), entry.seq) for entry in self._entries)
            frames = [Frame(payload, seq) for payload, seq in encoded if payload is not None]
            burst = self._bursts[dialect] = Burst(frames)
        if after < self.first_seq:
            return burst
        return Burst([frame for frame in burst.frames if frame.seq is None or frame.seq > after])


def batches(arrived: Iterable[tuple[int, list[Entry]]]) -> list[Batch]:
    """Users' entries as they arrived, in as few batches as possible: what continues the last ones
    of its user goes with them."""
    runs: list[tuple[int, list[Entry]]] = []
    latest: dict[int, list[Entry]] = {}
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
    return [Batch(user_id, run) for user_id, run in runs]
