"""`/api/games`: play."""

from attrs import frozen
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import SIGNED_IN, SignedInRequest
from adapters.inbound.http.requests import (
    BetCrashRequest,
    CashOutRequest,
    IdempotencyKey,
    PlayRpsRequest,
    PullGachaRequest,
    SpinRequest,
)
from application.use_cases.games.bet_crash import BetCrash, BetCrashCommand
from application.use_cases.games.cash_out_crash import CashOutCommand, CashOutCrash
from application.use_cases.games.crash_rounds import CrashResult
from application.use_cases.games.play_rps import PlayRps, PlayRpsCommand, PlayRpsResult
from application.use_cases.games.pull_gacha import PullGacha, PullGachaCommand, PullGachaResult
from application.use_cases.games.spin_slot import SpinCommand, SpinResult, SpinSlot
from application.use_cases.players.read_player import ReadPlayer


@post("/slot/spin", status_code=200)
async def post_spin(
    data: JSONBody[SpinRequest],
    request: SignedInRequest,
    spin_slot: NamedDependency[SpinSlot],
    idempotency_key: IdempotencyKey = None,
) -> SpinResult:
    """Spin three reels. Returns 94.77 % of what is bet."""
    return await spin_slot.execute(
        SpinCommand(
            user_id=request.user.user_id,
            idempotency_key=idempotency_key,
            bet_amount=data.bet_amount,
        )
    )


@post("/rps/play", status_code=200)
async def post_rps(
    data: JSONBody[PlayRpsRequest],
    request: SignedInRequest,
    play_rps: NamedDependency[PlayRps],
    idempotency_key: IdempotencyKey = None,
) -> PlayRpsResult:
    """Rock, paper, scissors. A win pays 1.95 times the bet, a draw returns it."""
    return await play_rps.execute(
        PlayRpsCommand(
            user_id=request.user.user_id,
            idempotency_key=idempotency_key,
            choice=data.choice,
            bet_amount=data.bet_amount,
        )
    )


@post("/gacha/pull", status_code=200)
async def post_pull(
    data: JSONBody[PullGachaRequest],
    request: SignedInRequest,
    pull_gacha: NamedDependency[PullGacha],
    idempotency_key: IdempotencyKey = None,
) -> PullGachaResult:
    """Pull one item for 100 gold or ten for 950."""
    return await pull_gacha.execute(
        PullGachaCommand(
            user_id=request.user.user_id,
            idempotency_key=idempotency_key,
            pull_count=data.pull_count,
        )
    )


@post("/crash/bet", status_code=200)
async def post_crash_bet(
    data: JSONBody[BetCrashRequest],
    request: SignedInRequest,
    bet_crash: NamedDependency[BetCrash],
    idempotency_key: IdempotencyKey = None,
) -> CrashResult:
    """Bet on a growing multiplier; with an automatic cash-out it is settled at once."""
    return await bet_crash.execute(
        BetCrashCommand(
            user_id=request.user.user_id,
            idempotency_key=idempotency_key,
            bet_amount=data.bet_amount,
            auto_cashout=_hundredths(data.auto_cashout_multiplier),
        )
    )


@post("/crash/cashout", status_code=200)
async def post_crash_cashout(
    data: JSONBody[CashOutRequest],
    request: SignedInRequest,
    cash_out_crash: NamedDependency[CashOutCrash],
    idempotency_key: IdempotencyKey = None,
) -> CrashResult:
    """Cash out of an open round, at the multiplier of the moment the server handles this."""
    return await cash_out_crash.execute(
        CashOutCommand(
            user_id=request.user.user_id, idempotency_key=idempotency_key, round_id=data.round_id
        )
    )


@frozen
class StatsAnswer:
    """Lifetime totals by game type."""

    stats: dict[str, dict[str, int]]


@get("/stats")
async def get_stats(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> StatsAnswer:
    """What I did in each game."""
    all_stats = await read_player.stats(request.user.user_id)
    return StatsAnswer({stats.game_type: stats.totals() for stats in all_stats})


def _hundredths(multiplier: float | None) -> int | None:
    """1.1 is 110: the closest hundredth if it is meant, else rounded down."""
    return None if multiplier is None else int(round(multiplier * 100, 6))


games_router = Router(
    "/api/games",
    route_handlers=[post_spin, post_rps, post_pull, post_crash_bet, post_crash_cashout, get_stats],
    security=SIGNED_IN,
    tags=["Games"],
)
