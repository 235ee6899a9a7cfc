"""An example of each answer of old."""

from collections.abc import Sequence
from datetime import UTC, datetime

from attrs import asdict

from adapters.inbound.http.legacy.calls import (
    OldBalance,
    OldEvent,
    OldGameTotals,
    OldProduct,
    OldStats,
    OldTotals,
)

_SLOT = OldGameTotals(total_bets=3, total_wins=1, total_losses=2, total_profit=-10)

EXAMPLES: Sequence[object] = (
    OldBalance(1_000),
    OldEvent(
        id="marathon_2026-W27",
        name="Weekly marathon",
        progress=12,
        target=100,
        completed=False,
        starts_at=datetime(2026, 6, 29, tzinfo=UTC),
        ends_at=datetime(2026, 7, 6, tzinfo=UTC),
    ),
    OldStats(
        stats=OldTotals(**asdict(_SLOT), highest_multiplier=0.0, game_breakdown={"slot": _SLOT})
    ),
    OldProduct(id="gold_100", sku="gold_100", name="Bronze chest", price_cents=10_000, gold=100),
)
