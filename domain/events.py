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

from domain.constraints import Description, Example, Range
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


Gold = Annotated[int, Description("In gold."), Example(150)]
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
    event: Event
