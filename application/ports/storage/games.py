"""The StatsStore and CrashRoundStore ports."""

from abc import ABC, abstractmethod

from domain.events import GameType
from domain.games.crash import CrashRound
from domain.progress.stats import GameStats


class StatsStore(ABC):
    """Game statistics by user and game type."""

    @abstractmethod
    def get(self, user_id: int, game_type: GameType) -> GameStats:
        """The stored statistics, or empty ones if the user has not played this game."""

    @abstractmethod
    def all(self, user_id: int) -> list[GameStats]:
        """The statistics of every game that the user has played."""

    @abstractmethod
    def save(self, user_id: int, stats: GameStats) -> None:
        """Insert or replace the statistics of one game."""


class CrashRoundStore(ABC):
    """Crash rounds by user and round id."""

    @abstractmethod
    def add(self, user_id: int, crash_round: CrashRound) -> None:
        """Insert a new round."""

    @abstractmethod
    def get(self, user_id: int, round_id: str) -> CrashRound:
        """The round; NotFound (`unknown_round`) if the user has no round with this id."""

    @abstractmethod
    def open(self, user_id: int) -> list[CrashRound]:
        """The user's open rounds, oldest first."""

    @abstractmethod
    def highest_cashout(self, user_id: int) -> int:
        """The highest multiplier, in hundredths, at which the user won a round; 0 without any."""

    @abstractmethod
    def save(self, user_id: int, *settled: CrashRound) -> None:
        """Update existing rounds."""

    @abstractmethod
    def crashed(self, now_ms: int, limit: int) -> list[int]:
        """Up to `limit` users with open rounds that crashed at `now_ms` (Unix milliseconds) or
        before: those with the fewest such rounds first, then in the order of the first crash."""
