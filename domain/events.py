"""What can happen to a player, as values.

An event says what happened, in the words of the published contract: its fields are the `data`
object of the standard envelope. Optional fields that are `None` are left out on the wire.
`type` and `version` name the schema; a breaking change of a class needs a new version.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from attrs import field, frozen

JsonObject = Mapping[str, Any]
"""Free-form detail: string keys, values that JSON can hold."""


class GameType(StrEnum):
    SLOT = "slot"
    RPS = "rps"
    GACHA = "gacha"
    CRASH = "crash"


class PurchaseStatus(StrEnum):
    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    IDEMPOTENT_REUSE = "idempotent_reuse"


@frozen(kw_only=True)
class Event:
    """Base of all events of a user."""

    type: ClassVar[str]
    version: ClassVar[int] = 1


@frozen(kw_only=True)
class UserAction(Event):
    """The player did something; sent first, so that a device can show it at once."""

    type = "user_action"

    action: str
    details: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class GameEvent(Event):
    """A game was played. `bet` and `win` are gold; `result` is specific to the game."""

    type = "game_event"

    game_type: GameType
    subtype: str
    bet: int
    win: int
    result: JsonObject
    jackpot: bool = False
    reels: Sequence[str] | None = None


@frozen(kw_only=True)
class BalanceUpdate(Event):
    """`delta` gold was added (or, if negative, taken); `balance` is what is there now."""

    type = "balance_update"

    delta: int
    balance: int
    reason: str


@frozen(kw_only=True)
class ProfileUpdate(Event):
    """New values of those profile fields that changed."""

    type = "profile_update"

    gold: int | None = None
    exp: int | None = None
    level: int | None = None
    tier: str | None = None
    total_spent: int | None = None
    nickname: str | None = None


@frozen(kw_only=True)
class StatsUpdate(Event):
    """All statistics of one game after a play."""

    type = "stats_update"

    game_type: GameType
    stats: JsonObject


@frozen(kw_only=True)
class StreakUpdate(Event):
    """A streak after a claim; the date is a UTC day."""

    type = "streak_update"

    action_type: str
    current_count: int
    last_action_date: date


@frozen(kw_only=True)
class RewardGranted(Event):
    """Something beyond a pay-out was granted, by `source`."""

    type = "reward_granted"

    reward_type: str
    reward_data: JsonObject
    source: str


@frozen(kw_only=True)
class PurchaseUpdate(Event):
    """A purchase changed its status. `amount` is gold; `reason_code` says why one failed."""

    type = "purchase_update"

    status: PurchaseStatus
    product_id: str
    quantity: int
    amount: int
    receipt_code: str | None = None
    reason_code: str | None = None


@frozen(kw_only=True)
class AchievementProgress(Event):
    """`progress` counts towards the achievement's target; `unlocked` when it is reached."""

    type = "achievement_progress"

    achievement_id: str
    achievement_type: str
    progress: int
    target: int
    unlocked: bool


@frozen(kw_only=True)
class EventProgress(Event):
    """Progress in a time-limited event, such as the weekly marathon."""

    type = "event_progress"

    event_id: str
    progress: int
    target: int
    completed: bool


EVENT_TYPES: Mapping[str, type[Event]] = {
    cls.type: cls
    for cls in (
        UserAction,
        GameEvent,
        BalanceUpdate,
        ProfileUpdate,
        StatsUpdate,
        StreakUpdate,
        RewardGranted,
        PurchaseUpdate,
        AchievementProgress,
        EventProgress,
    )
}


@frozen(kw_only=True)
class RecordedEvent:
    """An event with its place in its user's journal: `seq` counts from 1 without a gap."""

    id: UUID
    seq: int
    user_id: int
    ts: datetime
    event: Event
