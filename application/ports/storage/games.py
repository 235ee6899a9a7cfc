"""Game statistics and open crash rounds."""

from abc import ABC, abstractmethod

from domain.events import GameType
from domain.games.crash import CrashRound
from domain.progress.stats import GameStats


class StatsStore(ABC):
    @abstractmethod
    def get(self, user_id: int, game_type: GameType) -> GameStats:
        """The stored statistics, or empty ones."""

    @abstractmethod
    def all(self, user_id: int) -> list[GameStats]: ...

    @abstractmethod
    def save(self, user_id: int, stats: GameStats) -> None: ...


class CrashRoundStore(ABC):
    @abstractmethod
    def add(self, user_id: int, crash_round: CrashRound) -> None: ...

    @abstractmethod
    def get(self, user_id: int, round_id: str) -> CrashRound:
        """The user's round; NotFound (`unknown_round`) if it has none of that id."""

    @abstractmethod
    def open(self, user_id: int) -> list[CrashRound]:
        """The user's open rounds, oldest first."""

    @abstractmethod
    def save(self, user_id: int, crash_round: CrashRound) -> None: ...

    @abstractmethod
    def crashed(self, now_ms: int, limit: int) -> list[tuple[int, str]]:
        """(user id, round id) of open rounds that have crashed by `now_ms`, oldest first."""
