"""The PlayerStore port."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.ledger import LedgerEntry
from domain.player import Player
from domain.progress.rewards import Reward
from domain.progress.streak import Streak


class PlayerStore(ABC):
    """Players, with their ledger entries, streaks and rewards."""

    @abstractmethod
    def add(self, player: Player) -> None:
        """Insert a new player, with an empty journal (head at `seq` 0)."""

    @abstractmethod
    def lock(self, user_id: int) -> Player:
        """The player, locked until the end of the transaction; the lock also serializes writes to
        the player's journal. NotFound (`unknown_user`) if there is none."""

    @abstractmethod
    def try_lock(self, user_id: int) -> Player | None:
        """Like `lock`, but None instead of waiting for another transaction that holds the lock, and
        None if there is no such player."""

    @abstractmethod
    def get(self, user_id: int) -> Player:
        """The player without a lock; NotFound (`unknown_user`) if there is none."""

    @abstractmethod
    def save(self, player: Player) -> None:
        """Update an existing player."""

    @abstractmethod
    def forget_seeds(self) -> None:
        """Take the server seeds from all players, who get new ones, and the nonces from their open
        crash rounds. Client seeds stay."""

    @abstractmethod
    def add_ledger_entries(
        self, user_id: int, entries: Sequence[LedgerEntry], at: datetime
    ) -> None:
        """Append entries to the ledger, with the time `at`."""

    @abstractmethod
    def streak(self, user_id: int, action_type: str) -> Streak:
        """The stored streak, or an empty one if there is none."""

    @abstractmethod
    def streaks(self, user_id: int) -> list[Streak]:
        """All streaks of the user."""

    @abstractmethod
    def save_streak(self, user_id: int, streak: Streak) -> None:
        """Insert or replace the streak of its action type."""

    @abstractmethod
    def add_rewards(self, user_id: int, rewards: Sequence[Reward]) -> None:
        """Insert granted rewards, in this order."""

    @abstractmethod
    def recent_rewards(self, user_id: int, limit: int) -> list[Reward]:
        """The latest `limit` rewards, newest first."""
