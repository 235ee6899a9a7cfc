"""Lifetime statistics of a player in one game, and the achievements derived from them."""

from attrs import evolve, frozen

from domain.events import AchievementProgress, GameTotals, GameType

ACHIEVEMENT_TARGETS = {"novice": 10, "veteran": 100, "master": 1_000}
"""Number of plays of one game that unlocks each achievement. Progress is emitted per quarter."""


@frozen(kw_only=True)
class GameStats:
    """Lifetime totals. `wagered`, `won` and `biggest_win` are in gold; `wins` counts the plays with
    a pay-out above the bet."""

    game_type: GameType
    plays: int = 0
    wins: int = 0
    wagered: int = 0
    won: int = 0
    biggest_win: int = 0

    def played(self, bet: int) -> "GameStats":
        """The statistics after one more play for `bet` gold."""
        return evolve(self, plays=self.plays + 1, wagered=self.wagered + bet)

    def settled(self, bet: int, win: int) -> "GameStats":
        """The statistics after a counted play for `bet` gold paid `win` gold."""
        return evolve(
            self,
            wins=self.wins + (win > bet),
            won=self.won + win,
            biggest_win=max(self.biggest_win, win),
        )

    def totals(self) -> GameTotals:
        """The totals, as clients read them."""
        return GameTotals(
            plays=self.plays,
            wins=self.wins,
            wagered=self.wagered,
            won=self.won,
            biggest_win=self.biggest_win,
        )


def achievements(stats: GameStats) -> list[AchievementProgress]:
    """The progress of all achievements of the game; plays beyond a target do not count."""
    return [_achievement(stats, name, target) for name, target in ACHIEVEMENT_TARGETS.items()]


def achievements_at(stats: GameStats) -> list[AchievementProgress]:
    """The events to emit when `stats.plays` has just been reached."""
    return [
        _achievement(stats, name, target)
        for name, target in ACHIEVEMENT_TARGETS.items()
        if stats.plays <= target and _ends_a_quarter(stats.plays, target)
    ]


def _achievement(stats: GameStats, name: str, target: int) -> AchievementProgress:
    return AchievementProgress(
        achievement_id=f"{stats.game_type}_{name}",
        achievement_type="plays",
        progress=min(stats.plays, target),
        target=target,
        unlocked=stats.plays >= target,
    )


def _ends_a_quarter(plays: int, target: int) -> bool:
    return 4 * plays // target > 4 * (plays - 1) // target
