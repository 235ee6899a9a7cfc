"""The events of a player, as immutable values.

The fields of an event class are the `data` object of the standard envelope, so their names are part
of the published contract; the docstring of the class and the annotations of its fields are their
descriptions in the published schemas. Optional fields that are `None` are omitted on the wire.

`type` and `version` identify the schema. A breaking change needs a new version: the class as it was
stays under another name (`PurchaseUpdateV1`), with `upcast` to the next version and `downcast` from
it, and has its place in EVENT_VERSIONS. The rows of a journal keep the version that they were
written in; clients get the versions that they ask for.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from attrs import field, frozen

from domain.constraints import Description, Example, OpenEnum, Range
from domain.fairness import Fairness

JsonObject = Mapping[str, Any]
"""Free-form details: string keys, JSON-serializable values."""


class GameType(OpenEnum):
    """The games, as clients name them."""

    SLOT = "slot"
    RPS = "rps"
    GACHA = "gacha"
    CRASH = "crash"


@frozen(kw_only=True)
class GameTotals:
    """What a player has done in one game so far."""

    plays: Annotated[int, Description("Plays, unsettled crash rounds included."), Example(12)]
    wins: Annotated[int, Description("Plays with a pay-out above the bet."), Example(3)]
    wagered: Annotated[int, Description("Gold bet."), Example(120)]
    won: Annotated[int, Description("Gold paid out."), Example(180)]
    biggest_win: Annotated[int, Description("Gold: the largest pay-out of a play."), Example(100)]


@frozen(kw_only=True)
class Progress:
    """How much of a goal is reached."""

    current: Annotated[int, Description("From 0 to `target`."), Example(10)]
    target: Annotated[int, Description("What completes it."), Example(100)]


class PurchaseStatus(StrEnum):
    """The status of a purchase."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


class PurchaseStatusV1(StrEnum):
    """The status of a purchase. `idempotent_reuse`: a repeated request that bought nothing."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    IDEMPOTENT_REUSE = "idempotent_reuse"


Pieces = Annotated[int, Description("The number of pieces."), Example(3)]
ReceiptCode = Annotated[
    str, Description("The receipt, if the purchase succeeded."), Example("gB1w0kzQm5vJ3nKf")
]
ReasonCode = Annotated[
    str, Description("Why the purchase failed, if it did."), Example("insufficient_gold")
]
ProductId = Annotated[str, Description("The id of a product of the shop."), Example("gold_100")]


@frozen(kw_only=True)
class Event:
    """Base of all events of a user. `ends` is the day after which this version may not be served
    any more; None while no end is set."""

    type: ClassVar[str]
    version: ClassVar[int] = 1
    ends: ClassVar[date | None] = None

    def upcast(self) -> "Event":
        """The same event in the next version. Earlier versions implement it."""
        raise NotImplementedError

    @classmethod
    def downcast(cls, event: Any) -> Self:
        """An event of the next version in this one. Earlier versions implement it."""
        raise NotImplementedError


@frozen(kw_only=True)
class UserAction(Event):
    """The player did something. Emitted before the other events of the same action."""

    type = "user_action"

    user_id: Annotated[int, Description("The player, as in the envelope."), Example(7)]
    action_type: Annotated[
        str, Description("What was done, for example `slot_spin`."), Example("slot_spin")
    ]
    action_data: Annotated[
        JsonObject, Description("Details; they depend on the action."), Example({"bet": 10})
    ] = field(factory=dict)


@frozen(kw_only=True)
class GameEvent(Event):
    """A game was played, or a crash round settled."""

    type = "game_event"

    game_type: Annotated[GameType, Description("The game."), Example("slot")]
    subtype: Annotated[
        str, Description("What was done, for example `slot_spin`."), Example("slot_spin")
    ]
    bet: Annotated[int, Description("Gold bet."), Example(10)]
    win: Annotated[int, Description("Gold paid out; the bet is not deducted."), Example(100)]
    result: Annotated[
        JsonObject,
        Description("The outcome; it depends on the game."),
        Example({"reels": ["cherry", "cherry", "cherry"], "win": 100, "jackpot": False}),
    ]
    jackpot: Annotated[
        bool, Description("Whether it was the jackpot of the slot."), Example(False)
    ] = False
    reels: Annotated[
        Sequence[str] | None,
        Description("Symbols, from the left; slot only."),
        Example(["cherry", "cherry", "cherry"]),
    ] = None
    fairness: Annotated[
        Fairness | None,
        Description("Missing from rounds that were opened before there were seeds."),
    ] = None


@frozen(kw_only=True)
class BalanceUpdate(Event):
    """The balance changed."""

    type = "balance_update"

    delta: Annotated[int, Description("In gold; negative if it was charged."), Example(-10)]
    balance: Annotated[int, Description("The new balance, in gold."), Example(990)]
    reason: Annotated[str, Description("Of the entry in the player's books."), Example("bet")]


@frozen(kw_only=True)
class ProfileUpdate(Event):
    """The new values of the profile fields that changed; the others are absent."""

    type = "profile_update"

    gold: Annotated[int | None, Description("The balance."), Example(990)] = None
    exp: Annotated[int | None, Description("Experience points."), Example(1_250)] = None
    level: Annotated[int | None, Description("From 1; one more per 500 `exp`."), Example(3)] = None
    tier: Annotated[
        str | None, Description("The loyalty tier, by `total_spent`."), Example("silver")
    ] = None
    total_spent: Annotated[int | None, Description("Gold spent in the shop."), Example(1_000)] = (
        None
    )
    nickname: Annotated[
        str | None, Description("The name that others see; not unique."), Example("Ada")
    ] = None


@frozen(kw_only=True)
class StatsUpdate(Event):
    """The statistics of one game after a play was counted."""

    type = "stats_update"

    game_type: Annotated[GameType, Description("The game."), Example("slot")]
    stats: Annotated[GameTotals, Description("All of its totals, after a play was counted.")]


@frozen(kw_only=True)
class StreakUpdate(Event):
    """The streak after a claim; `last_action_date` is a UTC date."""

    type = "streak_update"

    action_type: Annotated[
        str, Description("What is to be repeated daily."), Example("daily_claim")
    ]
    current_count: Annotated[int, Description("Days in a row, up to the last claim."), Example(3)]
    last_action_date: Annotated[
        date, Description("The day of the last claim (UTC)."), Example("2025-08-16")
    ]


@frozen(kw_only=True)
class RewardGranted(Event):
    """A reward in addition to pay-outs was granted; `source` says by which feature."""

    type = "reward_granted"

    reward_type: Annotated[str, Description("`gold`, `item` or `badge`."), Example("gold")]
    reward_data: Annotated[
        JsonObject,
        Description(
            "By type: `amount` in gold; `item_id`, with `rarity` if it is from the gacha; `badge`, "
            "the id of an achievement."
        ),
        Example({"amount": 100}),
    ]
    source: Annotated[
        str,
        Description("The feature that granted it, for example `level_up`."),
        Example("level_up"),
    ]


@frozen(kw_only=True)
class PurchaseUpdate(Event):
    """The status of a purchase.

    Version 2: `amount` is called `price`, and whether the request repeats an earlier one is not a
    status any more but a field of its own.
    """

    type = "purchase_update"
    version = 2

    status: PurchaseStatus
    repeated: Annotated[
        bool,
        Description("Whether this request repeats an earlier one, which is reported here again."),
    ] = False
    product_id: ProductId
    quantity: Pieces
    price: Annotated[int, Description("Of all pieces, in gold."), Example(300)]
    receipt_code: ReceiptCode | None = None
    reason_code: ReasonCode | None = None


@frozen(kw_only=True)
class PurchaseUpdateV1(Event):
    """The status of a purchase."""

    type = "purchase_update"
    ends = date(2027, 6, 30)

    status: PurchaseStatusV1
    product_id: ProductId
    quantity: Pieces
    amount: Annotated[int, Description("The price of all pieces, in gold."), Example(300)]
    receipt_code: ReceiptCode | None = None
    reason_code: ReasonCode | None = None

    def upcast(self) -> PurchaseUpdate:
        """Only a purchase that succeeded is reported as `idempotent_reuse`."""
        repeated = self.status is PurchaseStatusV1.IDEMPOTENT_REUSE
        return PurchaseUpdate(
            status=PurchaseStatus.SUCCESS if repeated else PurchaseStatus(self.status),
            repeated=repeated,
            product_id=self.product_id,
            quantity=self.quantity,
            price=self.amount,
            receipt_code=self.receipt_code,
            reason_code=self.reason_code,
        )

    @classmethod
    def downcast(cls, event: PurchaseUpdate) -> Self:
        """A repeated purchase that did not succeed loses that it is repeated."""
        reused = event.repeated and event.status is PurchaseStatus.SUCCESS
        return cls(
            status=(
                PurchaseStatusV1.IDEMPOTENT_REUSE if reused else PurchaseStatusV1(event.status)
            ),
            product_id=event.product_id,
            quantity=event.quantity,
            amount=event.price,
            receipt_code=event.receipt_code,
            reason_code=event.reason_code,
        )


@frozen(kw_only=True)
class AchievementProgress(Event):
    """Progress of an achievement towards its `target`; `unlocked` once the target is reached."""

    type = "achievement_progress"

    achievement_id: Annotated[
        str, Description("The game and the rank: `slot_novice`."), Example("slot_novice")
    ]
    achievement_type: Annotated[
        str, Description("What is counted: `plays` of the game."), Example("plays")
    ]
    progress: Annotated[int, Description("From 0 to `target`."), Example(5)]
    target: Annotated[int, Description("What unlocks it."), Example(10)]
    unlocked: Annotated[bool, Description("Whether the target is reached."), Example(False)]


@frozen(kw_only=True)
class EventProgress(Event):
    """Progress in a time-limited event, for example the weekly marathon."""

    type = "event_progress"

    event_id: Annotated[
        str,
        Description("The event and its period: `marathon_2026-W10`."),
        Example("marathon_2026-W10"),
    ]
    progress: Annotated[Progress, Description("In plays, of any game.")]
    completed: Annotated[bool, Description("Whether the target is reached."), Example(False)]


EVENT_VERSIONS: Mapping[str, Sequence[type[Event]]] = {
    versions[0].type: versions
    for versions in (
        (UserAction,),
        (GameEvent,),
        (BalanceUpdate,),
        (ProfileUpdate,),
        (StatsUpdate,),
        (StreakUpdate,),
        (RewardGranted,),
        (PurchaseUpdateV1, PurchaseUpdate),
        (AchievementProgress,),
        (EventProgress,),
    )
}
"""The versions of each type that are served, oldest first."""

EVENT_TYPES: Mapping[str, type[Event]] = {
    name: versions[-1] for name, versions in EVENT_VERSIONS.items()
}
"""The newest version of each type."""


def find_version(event_type: str, version: int) -> type[Event] | None:
    """The class of this version of a type, if there is one."""
    for cls in EVENT_VERSIONS.get(event_type, ()):
        if cls.version == version:
            return cls
    return None


def in_version(event: Event, version: int) -> Event:
    """The event in a version of its type, cast one version at a time."""
    versions = {cls.version: cls for cls in EVENT_VERSIONS[event.type]}
    while event.version < version:
        event = event.upcast()
    while event.version > version:
        event = versions[event.version - 1].downcast(event)
    return event


@frozen(kw_only=True)
class RecordedEvent:
    """An event with its position in its user's journal."""

    id: Annotated[
        UUID,
        Description("Unique; later events have greater ids (UUIDv7)."),
        Example("0198b2c1-8a51-7c6e-9d3f-2b1a4c5d6e7f"),
    ]
    seq: Annotated[
        int,
        Range(1, 2**53 - 1),
        Description("The position in the order of the user's events: from 1, without gaps."),
        Example(42),
    ]
    user_id: Annotated[int, Description("The user whose event it is."), Example(7)]
    ts: Annotated[
        datetime, Description("When it was committed (UTC)."), Example("2025-08-16T12:34:56.789Z")
    ]
    cause: Annotated[
        str | None,
        Description("The Idempotency-Key of the request that caused it, if it had one."),
        Example("3f0c9a52-4d6b-4d3e-9d0e-6c1d2f8b7a10"),
    ] = None
    event: Event
