"""Players, their wallets' ledger, streaks and rewards."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.ledger import LedgerEntry
from domain.player import Player
from domain.progress.rewards import Reward
from domain.progress.streak import Streak


class PlayerStore(ABC):
    @abstractmethod
    def add(self, player: Player) -> None:
        """A new player, with a head at `seq` 0."""

    @abstractmethod
    def lock(self, user_id: int) -> Player:
        """The player; nobody else changes it, or its journal, before this transaction ends.
        NotFound (`unknown_user`) if there is none."""

    @abstractmethod
    def get(self, user_id: int) -> Player:
        """The player without a lock; NotFound (`unknown_user`) if there is none."""

    @abstractmethod
    def save(self, player: Player) -> None: ...

    @abstractmethod
    def add_ledger_entries(
        self, user_id: int, entries: Sequence[LedgerEntry], at: datetime
    ) -> None: ...

    @abstractmethod
    def streak(self, user_id: int, action_type: str) -> Streak:
        """The stored streak, or an empty one."""

    @abstractmethod
    def streaks(self, user_id: int) -> list[Streak]: ...

    @abstractmethod
    def save_streak(self, user_id: int, streak: Streak) -> None: ...

    @abstractmethod
    def add_rewards(self, user_id: int, rewards: Sequence[Reward]) -> None: ...

    @abstractmethod
    def recent_rewards(self, user_id: int, limit: int) -> list[Reward]:
        """The latest rewards, newest first."""
