"""The state of a player as its devices show it: what `initial_state` contains."""

from collections.abc import Sequence
from typing import Any

from attrs import fields, frozen

from application.frames.state_data import (
    GameTotalsOf,
    OpenRound,
    Play,
    Purchase,
    RecentReward,
    StateData,
)
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.storage.journal import JournalEntry
from application.ports.storage.stores import Stores
from domain.events import (
    AchievementProgress,
    EventProgress,
    GameEvent,
    GameType,
    PurchaseStatus,
    StreakUpdate,
)
from domain.games.crash import CrashRound
from domain.player import Player
from domain.progress import marathon
from domain.progress.rewards import RECENT_REWARDS, Reward
from domain.progress.stats import GameStats, achievements
from domain.progress.streak import Streak
from domain.shop import LATEST_PURCHASES, Receipt

LAST_PLAYS = 10
"""Number of latest plays in `initial_state`."""

_GAME_FIELDS = tuple(attribute.name for attribute in fields(GameEvent))


@frozen
class StateReader:
    """Reads states. The clock tells which week's marathon is running."""

    _codec: Codec
    _clock: Clock

    def read(self, stores: Stores, user_id: int) -> StateData:
        """Everything that `initial_state` shows, in one statement per store; NotFound
        (`unknown_user`) without such a player."""
        player = stores.players.get(user_id)
        stats = stores.stats.all(user_id)
        return StateData(
            profile=player.profile(),
            achievements=_achievements(stats),
            events=self._events(player),
            streaks={s.action_type: _streak(s) for s in stores.players.streaks(user_id)},
            stats={
                s.game_type.value: GameTotalsOf(game_type=s.game_type, data=s.totals())
                for s in stats
            },
            recent_rewards=[
                _reward(reward) for reward in stores.players.recent_rewards(user_id, RECENT_REWARDS)
            ],
            purchases=[
                _purchase(receipt) for receipt in stores.receipts.latest(user_id, LATEST_PURCHASES)
            ],
            last_plays=self._plays(stores.journal.games_of(user_id, None, LAST_PLAYS)),
            open_rounds=[_open_round(opened) for opened in stores.crash_rounds.open(user_id)],
        )

    def _events(self, player: Player) -> dict[str, EventProgress]:
        progress = marathon.progress(marathon.in_week_of(self._clock.now(), player))
        return {progress.event_id: progress}

    def _plays(self, entries: Sequence[JournalEntry]) -> list[Play]:
        plays = []
        for entry in entries:
            recorded = self._codec.recorded(entry)
            data: dict[str, Any] = {name: getattr(recorded.event, name) for name in _GAME_FIELDS}
            plays.append(Play(id=recorded.id, seq=recorded.seq, ts=recorded.ts, **data))
        return plays


def _achievements(stats: Sequence[GameStats]) -> dict[str, AchievementProgress]:
    played = {of_game.game_type: of_game for of_game in stats}
    return {
        progress.achievement_id: progress
        for game_type in GameType
        for progress in achievements(played.get(game_type) or GameStats(game_type=game_type))
    }


def _streak(streak: Streak) -> StreakUpdate:
    assert streak.last_action_date is not None, "stored streaks have been claimed"
    return StreakUpdate(
        action_type=streak.action_type,
        current_count=streak.current_count,
        last_action_date=streak.last_action_date,
    )


def _reward(reward: Reward) -> RecentReward:
    return RecentReward(
        id=reward.id,
        reward_type=reward.granted.reward_type,
        reward_data=reward.granted.reward_data,
        source=reward.granted.source,
        timestamp=reward.granted_at,
    )


def _purchase(receipt: Receipt) -> Purchase:
    return Purchase(
        receipt_code=receipt.receipt_code,
        product_id=receipt.product_id,
        quantity=receipt.quantity,
        amount=receipt.amount,
        status=PurchaseStatus.SUCCESS,
        timestamp=receipt.bought_at,
    )


def _open_round(opened: CrashRound) -> OpenRound:
    auto = opened.auto_cashout
    return OpenRound(
        round_id=opened.round_id,
        bet=opened.bet,
        started_at=opened.started_at,
        auto_cashout_multiplier=None if auto is None else auto / 100,
    )
