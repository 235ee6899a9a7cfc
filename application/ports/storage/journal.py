"""The journal: every event of every user, in the order it was committed."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime

from attrs import field, frozen

from domain.events import RecordedEvent


@frozen
class JournalEntry:
    """One journaled event: its number, its type and its standard envelope as bytes.

    `recorded` is the event itself, in the process that has just committed it. The legacy format is
    made from it; elsewhere it has to be decoded from the envelope."""

    seq: int
    type: str
    envelope: bytes
    recorded: RecordedEvent | None = field(default=None, eq=False, repr=False)


@frozen
class Head:
    """Where a user's journal stands: entries `trimmed_through + 1` to `seq` are there."""

    user_id: int
    seq: int
    trimmed_through: int


@frozen
class JournaledGame:
    """A journaled game event of any user, with the commit txid of its transaction."""

    user_id: int
    commit_txid: int
    entry: JournalEntry

    @property
    def key(self) -> tuple[int, int]:
        """Unique among all events."""
        return self.user_id, self.entry.seq


class JournalStore(ABC):
    """Heads and entries of all users. `seq` has no gap per user; commit order is `seq` order."""

    @abstractmethod
    def epoch(self) -> str:
        """The identity of this journal. Under another epoch, numbers do not continue."""

    @abstractmethod
    def renew(self, epoch: str) -> None:
        """Give the journal another identity, and forget the commit txids, which belong to the
        database server that it was restored from."""

    @abstractmethod
    def head(self, user_id: int) -> Head:
        """NotFound (`unknown_user`) if there is no such user."""

    @abstractmethod
    def advance(self, user_id: int, count: int) -> int:
        """Take the next `count` numbers of the user's journal and return the last of them. The head
        row stays locked until this transaction ends, so commit order is `seq` order."""

    @abstractmethod
    def append(self, user_id: int, entries: Sequence[JournalEntry], at: datetime) -> None:
        """Write entries under the numbers just taken by `advance`."""

    @abstractmethod
    def page(self, user_id: int, after: int, max_bytes: int) -> list[JournalEntry]:
        """The entries that follow `after`, in order: as many as fit into `max_bytes` of envelopes,
        at least one if there is one."""

    @abstractmethod
    def games_of(self, user_id: int, before: int | None, limit: int) -> list[JournalEntry]:
        """The user's latest game events, newest first; those below the number `before`, if that is
        given."""

    @abstractmethod
    def snapshot_xmin(self) -> int:
        """The commit txid from which on a later `moved_since` finds everything that this snapshot
        does not show. Txids have no other meaning here."""

    @abstractmethod
    def moved_since(self, commit_txid: int) -> list[Head]:
        """The heads that moved since the snapshot whose `snapshot_xmin` this was, and perhaps some
        that had moved a little before. The cost grows with what moved, not with what exists."""

    @abstractmethod
    def games_since(self, commit_txid: int) -> list[JournaledGame]:
        """All users' game events, like `moved_since`, in commit order."""

    @abstractmethod
    def users_with_entries_before(self, moment: datetime, limit: int) -> list[int]:
        """Users who have entries older than `moment`, those with the oldest first."""

    @abstractmethod
    def trim(self, user_id: int, *, before: datetime, keep: int, limit: int) -> int:
        """Delete the user's first entries while they are older than `before` or there are more than
        `keep`, at most `limit` of them; returns how many. `trimmed_through` moves with them."""

    @abstractmethod
    def recent_games(self, limit: int, user_ids: Collection[int] = ()) -> list[JournaledGame]:
        """The latest game events, of these users or of all, oldest first."""
