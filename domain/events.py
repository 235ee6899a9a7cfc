"""The events of a player, as immutable values.

The fields of an event class are the `data` object of the standard envelope, so their names are part
of the published contract. Optional fields that are `None` are omitted on the wire. `type` and
`version` identify the schema; a breaking change of a class needs a new version.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from attrs import field, frozen

from domain.constraints import Description
from domain.fairness import Fairness

JsonObject = Mapping[str, Any]
"""Free-form details: string keys, JSON-serializable values."""


class GameType(StrEnum):
    """The games, as clients name them."""

    SLOT = "slot"
    RPS = "rps"
    GACHA = "gacha"
    CRASH = "crash"


@frozen(kw_only=True)
class GameTotals:
    """What a player has done in one game so far."""

    plays: Annotated[int, Description("Plays, unsettled crash rounds included.")]
    wins: Annotated[int, Description("Plays with a pay-out above the bet.")]
    wagered: Annotated[int, Description("Gold bet.")]
    won: Annotated[int, Description("Gold paid out.")]
    biggest_win: Annotated[int, Description("Gold: the largest pay-out of a play.")]


@frozen(kw_only=True)
class Progress:
    """How much of a goal is reached."""

    current: Annotated[int, Description("From 0 to `target`.")]
    target: Annotated[int, Description("What completes it.")]


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

    user_id: Annotated[int, Description("The player, as in the envelope.")]
    action_type: Annotated[str, Description("What was done, for example `slot_spin`.")]
    action_data: Annotated[JsonObject, Description("Details; they depend on the action.")] = field(
        factory=dict
    )


@frozen(kw_only=True)
class GameEvent(Event):
    """A game was played, or a crash round settled."""

    type = "game_event"

    game_type: Annotated[GameType, Description("The game.")]
    subtype: Annotated[str, Description("What was done, for example `slot_spin`.")]
    bet: Annotated[int, Description("Gold bet.")]
    win: Annotated[int, Description("Gold paid out; the bet is not deducted.")]
    result: Annotated[JsonObject, Description("The outcome; it depends on the game.")]
    jackpot: Annotated[bool, Description("Whether it was the jackpot of the slot.")] = False
    reels: Annotated[Sequence[str] | None, Description("Symbols, from the left; slot only.")] = None
    fairness: Annotated[
        Fairness | None,
        Description("Missing from rounds that were opened before there were seeds."),
    ] = None


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

    game_type: Annotated[GameType, Description("The game.")]
    stats: Annotated[GameTotals, Description("All of its totals, after a play was counted.")]


@frozen(kw_only=True)
class StreakUpdate(Event):
    """The streak after a claim; `last_action_date` is a UTC date."""

    type = "streak_update"

    action_type: Annotated[str, Description("What is to be repeated daily.")]
    current_count: Annotated[int, Description("Days in a row, up to the last claim.")]
    last_action_date: Annotated[date, Description("The day of the last claim (UTC).")]


@frozen(kw_only=True)
class RewardGranted(Event):
    """A reward in addition to pay-outs was granted; `source` says by which feature."""

    type = "reward_granted"

    reward_type: Annotated[str, Description("`gold`, `item` or `badge`.")]
    reward_data: Annotated[
        JsonObject,
        Description(
            "By type: `amount` in gold; `item_id`, with `rarity` if it is from the gacha; `badge`, "
            "the id of an achievement."
        ),
    ]
    source: Annotated[str, Description("The feature that granted it, for example `level_up`.")]


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

    achievement_id: Annotated[str, Description("The game and the rank: `slot_novice`.")]
    achievement_type: Annotated[str, Description("What is counted: `plays` of the game.")]
    progress: Annotated[int, Description("From 0 to `target`.")]
    target: Annotated[int, Description("What unlocks it.")]
    unlocked: Annotated[bool, Description("Whether the target is reached.")]


@frozen(kw_only=True)
class EventProgress(Event):
    """Progress in a time-limited event, for example the weekly marathon."""

    type = "event_progress"

    event_id: Annotated[str, Description("The event and its period: `marathon_2026-W10`.")]
    progress: Annotated[Progress, Description("In plays, of any game.")]
    completed: Annotated[bool, Description("Whether the target is reached.")]


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
    """An event with its position in its user's journal. `seq` starts at 1 and has no gaps. `cause`
    is the Idempotency-Key of the request that caused it, if the player's request carried one."""

    id: UUID
    seq: int
    user_id: int
    ts: datetime
    event: Event
    cause: str | None = None
