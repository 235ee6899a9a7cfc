"""Game events in the flat legacy format, for `/api/games/ws` and the monitors."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from attrs import frozen

from domain.constraints import Description, Example
from domain.events import GameType, JsonObject


@frozen(kw_only=True)
class FlatGameEvent:
    """A game was played. The format of before the standard envelope: further fields may follow."""

    type: ClassVar[str] = "game_event"

    game_type: GameType
    user_id: Annotated[int, Description("Who played."), Example(7)]
    bet: Annotated[int, Description("In gold."), Example(10)]
    result: Annotated[
        JsonObject, Description("Depends on the game."), Example({"win": 50, "jackpot": False})
    ]
    ts: Annotated[
        datetime, Description("When it was committed (UTC)."), Example("2025-08-16T12:34:56.789Z")
    ]
    id: Annotated[UUID, Description("The id of the event.")]
    subtype: Annotated[str, Description("What was played."), Example("slot_spin")]
    win: Annotated[int, Description("What the round paid, in gold."), Example(50)]


@frozen
class LegacyGameEvent:
    """An encoded frame, with its user, its `seq` in the journal of that user, and its game type."""

    user_id: int
    seq: int
    game_type: str
    frame: bytes

    @property
    def key(self) -> tuple[int, int]:
        """Unique among all events; used to deduplicate."""
        return self.user_id, self.seq
