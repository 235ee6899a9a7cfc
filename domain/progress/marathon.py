"""The weekly marathon: a bonus for 100 games of any kind within one ISO week (UTC).

The bonus is 0.5 % of the gold bet in those games, at most 500 gold. It depends on the bets and is
less than any house edge, so that playing for the bonus alone does not pay.
"""

from datetime import datetime, timedelta

from attrs import evolve

from domain.events import EventProgress, Progress
from domain.player import Player

TARGET = 100
WAGERED_PER_BONUS_GOLD = 200
MAX_BONUS_GOLD = 500
PROGRESS_EVERY = 10
"""An `event_progress` event is emitted once per this number of plays."""


def week_of(now: datetime) -> tuple[datetime, datetime]:
    """The begin of the week of `now` (UTC), a Monday, and its end."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = midnight - timedelta(days=now.weekday())
    return begin, begin + timedelta(weeks=1)


def event_id(player: Player) -> str:
    """The id of the marathon that the player's counts belong to."""
    return f"marathon_{player.marathon_week}"


def played(player: Player, bet: int, now: datetime) -> Player:
    """The player after one more game for `bet` gold at `now` (UTC)."""
    player = in_week_of(now, player)
    counted = bet if player.marathon_plays < TARGET else 0
    return evolve(
        player,
        marathon_plays=player.marathon_plays + 1,
        marathon_wagered=player.marathon_wagered + counted,
    )


def in_week_of(now: datetime, player: Player) -> Player:
    """The player as of `now` (UTC): plays of an earlier week count no more."""
    year, week, _ = now.isocalendar()
    name = f"{year}-W{week:02}"
    if player.marathon_week == name:
        return player
    return evolve(player, marathon_week=name, marathon_plays=0, marathon_wagered=0)


def bonus(player: Player) -> int:
    """The gold for the completed marathon."""
    return min(player.marathon_wagered // WAGERED_PER_BONUS_GOLD, MAX_BONUS_GOLD)


def progress(player: Player) -> EventProgress:
    """The progress in the week of the player; plays beyond the target do not count."""
    plays = player.marathon_plays
    return EventProgress(
        event_id=event_id(player),
        progress=Progress(current=min(plays, TARGET), target=TARGET),
        completed=plays >= TARGET,
    )


def progress_to_announce(player: Player) -> EventProgress | None:
    """The event to emit after a play, if any."""
    plays = player.marathon_plays
    return None if plays > TARGET or plays % PROGRESS_EVERY else progress(player)
