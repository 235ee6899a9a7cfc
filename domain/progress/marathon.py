"""The weekly marathon: a bonus for 100 games of any kind within one ISO week (UTC)."""

from datetime import datetime

from attrs import evolve

from domain.events import EventProgress
from domain.player import Player

TARGET = 100
BONUS_GOLD = 500
PROGRESS_EVERY = 10
"""An `event_progress` event is emitted once per this number of plays."""


def played(player: Player, now: datetime) -> Player:
    """The player after one more game at `now` (UTC)."""
    year, week, _ = now.isocalendar()
    name = f"{year}-W{week:02}"
    plays = player.marathon_plays if player.marathon_week == name else 0
    return evolve(player, marathon_week=name, marathon_plays=plays + 1)


def progress(player: Player) -> EventProgress | None:
    """The event to emit after a play, if any."""
    plays = player.marathon_plays
    if plays > TARGET or plays % PROGRESS_EVERY:
        return None
    return EventProgress(
        event_id=f"marathon_{player.marathon_week}",
        progress=plays,
        target=TARGET,
        completed=plays == TARGET,
    )
