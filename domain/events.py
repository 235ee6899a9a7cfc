"""The events of a player, as immutable values.

The fields of an event class are the `data` object of the standard envelope, so their names are part
of the published contract. Optional fields that are `None` are omitted on the wire. `type` and
`version` identify the schema; a breaking change of a class needs a new version.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from attrs import field, frozen

from domain.fairness import Fairness

JsonObject = Mapping[str, Any]
"""Free-form details: string keys, JSON-serializable values."""


class GameType(StrEnum):
    """The games, as clients name them."""

    SLOT = "slot"
    RPS = "rps"
    GACHA = "gacha"
    CRASH = "crash"


class PurchaseStatus(StrEnum):
    """The status of a purchase. `idempotent_reuse`: a repeated request that bought nothing."""

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
    """The player did something. Emitted before the other events of the same action."""

    type = "user_action"

    action: str
    details: JsonObject = field(factory=dict)


@frozen(kw_only=True)
class GameEvent(Event):
    """A game was played. `bet` and `win` are in gold; `result` depends on the game. `fairness` is
    missing from rounds that were opened before there were seeds."""

    type = "game_event"

    game_type: GameType
    subtype: str
    bet: int
    win: int
    result: JsonObject
    jackpot: bool = False
    reels: Sequence[str] | None = None
    fairness: Fairness | None = None


@frozen(kw_only=True)
class BalanceUpdate(Event):
    """The balance changed by `delta` gold (negative: charged). `balance` is the new balance."""

    type = "balance_update"

    delta: int
    balance: int
    reason: str


@frozen(kw_only=True)
class ProfileUpdate(Event):
    """The new values of the profile fields that changed; the others are absent."""

    type = "profile_update"

    gold: int | None = None
    exp: int | None = None
    level: int | None = None
    tier: str | None = None
    total_spent: int | None = None
    nickname: str | None = None


@frozen(kw_only=True)
class StatsUpdate(Event):
    """All statistics of one game after a play was counted."""

    type = "stats_update"

    game_type: GameType
    stats: JsonObject


@frozen(kw_only=True)
class StreakUpdate(Event):
    """The streak after a claim; `last_action_date` is a UTC date."""

    type = "streak_update"

    action_type: str
    current_count: int
    last_action_date: date


@frozen(kw_only=True)
class RewardGranted(Event):
    """A reward in addition to pay-outs was granted; `source` says by which feature."""

    type = "reward_granted"

    reward_type: str
    reward_data: JsonObject
    source: str


@frozen(kw_only=True)
class PurchaseUpdate(Event):
    """The status of a purchase. `amount` is in gold; `reason_code` is set if it failed."""

    type = "purchase_update"

    status: PurchaseStatus
    product_id: str
    quantity: int
    amount: int
    receipt_code: str | None = None
    reason_code: str | None = None


@frozen(kw_only=True)
class AchievementProgress(Event):
    """Progress of an achievement towards its `target`; `unlocked` once the target is reached."""

    type = "achievement_progress"

    achievement_id: str
    achievement_type: str
    progress: int
    target: int
    unlocked: bool


@frozen(kw_only=True)
class EventProgress(Event):
    """Progress in a time-limited event, for example the weekly marathon."""

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
    """An event with its position in its user's journal. `seq` starts at 1 and has no gaps."""

    id: UUID
    seq: int
    user_id: int
    ts: datetime
    event: Event
