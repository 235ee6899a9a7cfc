"""Queries about what a player has reached: active events, totals over all games."""

from datetime import datetime

from attrs import frozen

from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from domain.progress import marathon
from domain.progress.stats import GameStats


@frozen(kw_only=True)
class ActiveEvent:
    """An event that is going on, and how far the player is; it is completed at `target`."""

    event_id: str
    name: str
    progress: int
    target: int
    completed: bool
    starts_at: datetime
    ends_at: datetime


@frozen(kw_only=True)
class LifetimeStats:
    """The statistics of each game that the player has played; `highest_multiplier` is that of all
    cash-outs of crash rounds, in hundredths, 0 without any."""

    games: list[GameStats]
    highest_multiplier: int


@frozen
class ReadProgress:
    """Queries without side effects. Each reads from one consistent snapshot of the database."""

    _unit_of_work: UnitOfWork
    _clock: Clock

    async def active_events(self, user_id: int) -> list[ActiveEvent]:
        """The events that are going on now: the marathon of this week."""
        now = self._clock.now()
        stored = await self._unit_of_work.read(lambda stores: stores.players.get(user_id))
        player = marathon.in_week_of(now, stored)
        starts_at, ends_at = marathon.week_of(now)
        return [
            ActiveEvent(
                event_id=marathon.event_id(player),
                name="Weekly marathon",
                progress=min(player.marathon_plays, marathon.TARGET),
                target=marathon.TARGET,
                completed=player.marathon_plays >= marathon.TARGET,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        ]

    async def lifetime_stats(self, user_id: int) -> LifetimeStats:
        """The totals of all games."""

        def read(stores: Stores) -> LifetimeStats:
            highest = stores.crash_rounds.highest_cashout(user_id)
            return LifetimeStats(games=stores.stats.all(user_id), highest_multiplier=highest)

        return await self._unit_of_work.read(read)
