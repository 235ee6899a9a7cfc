"""What a player did in one game, and the achievements that follow from it."""

from attrs import asdict, evolve, field, frozen

from domain.events import AchievementProgress, GameType

ACHIEVEMENT_TARGETS = {"novice": 10, "veteran": 100, "master": 1_000}
"""Plays of one game by achievement; progress is announced at each quarter of the way."""


@frozen(kw_only=True)
class GameStats:
    """Lifetime totals; `wagered`, `won` and `biggest_win` in gold, `wins` counts profits."""

    game_type: GameType
    plays: int = 0
    wins: int = 0
    wagered: int = 0
    won: int = 0
    biggest_win: int = field(default=0)

    def played(self, bet: int) -> "GameStats":
        """After one more play for `bet` gold."""
        return evolve(self, plays=self.plays + 1, wagered=self.wagered + bet)

    def settled(self, bet: int, win: int) -> "GameStats":
        """After a play for `bet` ended with `win` gold."""
        return evolve(
            self,
            wins=self.wins + (win > bet),
            won=self.won + win,
            biggest_win=max(self.biggest_win, win),
        )

    def totals(self) -> dict[str, int]:
        """The numbers by name, as clients read them under `stats`."""
        return asdict(self, filter=lambda attribute, _: attribute.name != "game_type")


def achievements_at(stats: GameStats) -> list[AchievementProgress]:
    """What to announce now that `stats.plays` has just been reached."""
    return [
        AchievementProgress(
            achievement_id=f"{stats.game_type}_{name}",
            achievement_type="plays",
            progress=stats.plays,
            target=target,
            unlocked=stats.plays == target,
        )
        for name, target in ACHIEVEMENT_TARGETS.items()
        if stats.plays <= target and _ends_a_quarter(stats.plays, target)
    ]


def _ends_a_quarter(plays: int, target: int) -> bool:
    return 4 * plays // target > 4 * (plays - 1) // target
