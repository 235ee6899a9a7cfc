"""The content of `initial_state`: everything that the events of the player add up to.

Where an event carries all of its subject, the state has the data of the latest such event: so a
device that applies events to the state gets what it would get by reading the state again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from attrs import frozen

from domain.constraints import Description, Example
from domain.events import (
    AchievementProgress,
    EventProgress,
    GameEvent,
    GameTotals,
    GameType,
    JsonObject,
    PurchaseStatus,
    StreakUpdate,
)
from domain.player import Profile


@frozen(kw_only=True)
class GameTotalsOf:
    """The statistics of one game."""

    game_type: Annotated[GameType, Description("The game."), Example("slot")]
    data: Annotated[GameTotals, Description("As in `stats_update.stats`.")]


@frozen(kw_only=True)
class RecentReward:
    """A granted reward, as in `reward_granted`."""

    id: Annotated[
        str, Description("The id of its event."), Example("0198b2c1-8a51-7c6e-9d3f-2b1a4c5d6e72")
    ]
    reward_type: Annotated[str, Description("`gold`, `item` or `badge`."), Example("gold")]
    reward_data: Annotated[
        JsonObject, Description("As in `reward_granted.reward_data`."), Example({"amount": 100})
    ]
    source: Annotated[
        str,
        Description("The feature that granted it, for example `level_up`."),
        Example("level_up"),
    ]
    timestamp: Annotated[datetime, Description("When it was granted (UTC, in milliseconds).")]


@frozen(kw_only=True)
class Purchase:
    """A successful purchase, as in `purchase_update`."""

    receipt_code: Annotated[
        str, Description("The proof of the purchase; unique."), Example("gB1w0kzQm5vJ3nKf")
    ]
    product_id: Annotated[str, Description("The product."), Example("gold_100")]
    quantity: Annotated[int, Description("Pieces."), Example(1)]
    amount: Annotated[int, Description("Gold paid for all pieces."), Example(100)]
    status: Annotated[
        PurchaseStatus, Description("`success`: failed ones are not kept."), Example("success")
    ]
    timestamp: Annotated[datetime, Description("When it was bought (UTC, in milliseconds).")]


@frozen(kw_only=True)
class Play(GameEvent):
    """A `game_event`: its data, with what its envelope says."""

    id: Annotated[UUID, Description("The id of the event.")]
    seq: Annotated[int, Description("The number of the event."), Example(38)]
    ts: Annotated[datetime, Description("When it was played (UTC, in milliseconds).")]


@frozen(kw_only=True)
class OpenRound:
    """A crash round that can still be cashed out."""

    round_id: Annotated[
        str,
        Description("What the cash-out names."),
        Example("0198b2c1-8a51-7c6e-9d3f-2b1a4c5d6e73"),
    ]
    bet: Annotated[int, Description("Gold bet."), Example(10)]
    started_at: Annotated[
        int,
        Description("Unix milliseconds; the multiplier was 1.00 then."),
        Example(1_755_347_696_789),
    ]
    auto_cashout_multiplier: Annotated[
        float | None, Description("Where it is cashed out automatically, if it is."), Example(2.5)
    ] = None


@frozen(kw_only=True)
class StateData:
    """All that devices display of the player."""

    profile: Annotated[Profile, Description("The player.")]
    achievements: Annotated[
        Mapping[str, AchievementProgress],
        Description("Every achievement of every game by its id, also those not begun."),
    ]
    events: Annotated[
        Mapping[str, EventProgress],
        Description("The events that run when the state is read, by id: this week's marathon."),
    ]
    streaks: Annotated[
        Mapping[str, StreakUpdate],
        Description("By action type, as of the last claim: a missed day does not show."),
    ]
    stats: Annotated[
        Mapping[str, GameTotalsOf], Description("By game type: the games that were played.")
    ]
    recent_rewards: Annotated[Sequence[RecentReward], Description("The latest 10, newest first.")]
    purchases: Annotated[Sequence[Purchase], Description("The latest 20, newest first.")]
    last_plays: Annotated[
        Sequence[Play],
        Description("The latest 10 of all games, newest first; fewer if the journal has fewer."),
    ]
    open_rounds: Annotated[Sequence[OpenRound], Description("Oldest first.")]
