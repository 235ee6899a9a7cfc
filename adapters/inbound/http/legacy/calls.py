"""The calls of deployed clients that have been replaced by others of ours."""

from datetime import datetime

from attrs import frozen
from litestar import Router, get
from litestar.di import NamedDependency

from adapters.inbound.access.guards import PLAYER, SignedInRequest
from adapters.inbound.errors.documented import refusals
from application.identity.token_service import SignedInUser
from application.use_cases.players.read_player import ReadPlayer
from application.use_cases.players.read_progress import ReadProgress
from domain.progress.stats import GameStats

SUCCESSOR = "successor"
"""In the `opt` of a handler: the path of the call that replaces it."""


@frozen
class OldBalance:
    """The balance in gold."""

    cyber_token_balance: int


@frozen(kw_only=True)
class OldEvent:
    """An event that is going on, and how far the player is; it is completed at `target`."""

    id: str
    name: str
    progress: int
    target: int
    completed: bool
    starts_at: datetime
    ends_at: datetime


@frozen(kw_only=True)
class OldGameTotals:
    """Numbers of bets; every bet without a pay-out above it counts as lost. `total_profit` is in
    gold, from the player's view."""

    total_bets: int
    total_wins: int
    total_losses: int
    total_profit: int


@frozen(kw_only=True)
class OldTotals(OldGameTotals):
    """The totals of all games. `highest_multiplier` is that of all cash-outs of crash rounds."""

    highest_multiplier: float
    game_breakdown: dict[str, OldGameTotals]


@frozen(kw_only=True)
class OldStats:
    """Lifetime totals."""

    success: bool = True
    stats: OldTotals


@frozen(kw_only=True)
class OldProduct:
    """A product. Nothing costs money here: `gold` is the price in gold, and `price_cents` the same
    in hundredths."""

    id: str
    sku: str
    name: str
    price_cents: int
    gold: int


@get(
    "/auth/profile",
    opt={SUCCESSOR: "/api/auth/me"},
    responses=refusals("unknown_user"),
    deprecated=True,
)
async def get_profile(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> SignedInUser:
    """The account and the profile of the caller. Use `/api/auth/me`."""
    return await read_player.me(request.user.user_id)


@get(
    "/users/balance",
    opt={SUCCESSOR: "/api/auth/me"},
    responses=refusals("unknown_user"),
    deprecated=True,
)
async def get_balance(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> OldBalance:
    """The balance of the caller. Use `/api/auth/me`."""
    return OldBalance((await read_player.me(request.user.user_id)).gold)


@get(
    "/events/active",
    opt={SUCCESSOR: "/api/realtime/state"},
    responses=refusals("unknown_user"),
    deprecated=True,
)
async def get_active_events(
    request: SignedInRequest, read_progress: NamedDependency[ReadProgress]
) -> list[OldEvent]:
    """The events that are going on. Use `/api/realtime/state`."""
    return [
        OldEvent(
            id=event.event_id,
            name=event.name,
            progress=event.progress,
            target=event.target,
            completed=event.completed,
            starts_at=event.starts_at,
            ends_at=event.ends_at,
        )
        for event in await read_progress.active_events(request.user.user_id)
    ]


@get(
    "/games/stats/me",
    opt={SUCCESSOR: "/api/games/stats"},
    responses=refusals("unknown_user"),
    deprecated=True,
)
async def get_stats_me(
    request: SignedInRequest, read_progress: NamedDependency[ReadProgress]
) -> OldStats:
    """The statistics of the caller over all games. Use `/api/games/stats`."""
    lifetime = await read_progress.lifetime_stats(request.user.user_id)
    games = {stats.game_type.value: _totals(stats) for stats in lifetime.games}
    return OldStats(
        stats=OldTotals(
            total_bets=sum(game.total_bets for game in games.values()),
            total_wins=sum(game.total_wins for game in games.values()),
            total_losses=sum(game.total_losses for game in games.values()),
            total_profit=sum(game.total_profit for game in games.values()),
            highest_multiplier=lifetime.highest_multiplier / 100,
            game_breakdown=games,
        )
    )


def _totals(stats: GameStats) -> OldGameTotals:
    return OldGameTotals(
        total_bets=stats.plays,
        total_wins=stats.wins,
        total_losses=stats.plays - stats.wins,
        total_profit=stats.won - stats.wagered,
    )


@get(
    "/shop/catalog",
    opt={SUCCESSOR: "/api/shop/products"},
    responses=refusals("unknown_user"),
    deprecated=True,
)
async def get_catalog(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> list[OldProduct]:
    """All products on sale. Use `/api/shop/products`."""
    offers = await read_player.offers(request.user.user_id)
    return [
        OldProduct(
            id=offer.product_id,
            sku=offer.product_id,
            name=offer.name,
            price_cents=100 * offer.price,
            gold=offer.price,
        )
        for offer in offers.products
    ]


def calls_router() -> Router:
    """The calls; a new router each time, because an application changes its own."""
    handlers = [get_profile, get_balance, get_active_events, get_stats_me, get_catalog]
    return Router("/api", route_handlers=handlers, tags=["Deployed clients"], **PLAYER)
