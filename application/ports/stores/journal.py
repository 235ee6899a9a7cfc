"""The journal: every event of every user, in the order it was committed."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from attrs import frozen


@frozen
class Entry:
    """One journaled event: its number, its type and its standard envelope as bytes."""

    seq: int
    type: str
    envelope: bytes


@frozen
class Head:
    """Where a user's journal stands: entries `floor + 1` to `seq` are there."""

    user_id: int
    seq: int
    floor: int


class JournalStore(ABC):
    @abstractmethod
    def epoch(self) -> str:
        """The identity of this journal. Another epoch means that numbers do not continue."""

    @abstractmethod
    def head(self, user_id: int) -> Head:
        """NotFound (`unknown_user`) if there is no such user."""

    @abstractmethod
    def advance(self, user_id: int, count: int) -> int:
        """Take the next `count` numbers of the user's journal and return the last of them. The
        head row stays locked until this transaction ends, so commits happen in this order."""

    @abstractmethod
    def append(self, user_id: int, entries: Sequence[Entry], at: datetime) -> None:
        """Write entries under the numbers just taken by `advance`."""

    @abstractmethod
    def page(self, user_id: int, after: int, max_bytes: int) -> list[Entry]:
        """The entries that follow `after`, in order, as many as fit into `max_bytes` of
        envelopes, at least one if there is one."""

    @abstractmethod
    def recent_games(self, limit: int) -> list[tuple[int, Entry]]:
        """(user id, entry) of the latest game events over all users, oldest first."""
