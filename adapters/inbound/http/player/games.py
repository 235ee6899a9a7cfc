"""`/api/games`: games and game statistics."""

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import PLAYER, SignedInRequest
from adapters.inbound.errors.documented import refusals
from adapters.inbound.http.request.request_context import IdempotencyKey, actor_of
from application.use_cases.games.bet_crash import BetCrash, BetCrashCommand
from application.use_cases.games.cash_out_crash import CashOutCommand, CashOutCrash
from application.use_cases.games.crash_rounds import CrashResult
from application.use_cases.games.play_rps import PlayRps, PlayRpsCommand, PlayRpsResult
from application.use_cases.games.pull_gacha import PullGacha, PullGachaCommand, PullGachaResult
from application.use_cases.games.spin_slot import SpinCommand, SpinResult, SpinSlot
from application.use_cases.players.read_player import ReadPlayer, Stats

_BET = refusals("insufficient_gold", "wallet_full")
_CASH_OUT = refusals("unknown_round", "round_settled", "wallet_full")


@post("/slot/spin", operation_id="spinSlot", status_code=200, responses=_BET)
async def post_spin(
    data: JSONBody[SpinCommand],
    request: SignedInRequest,
    spin_slot: NamedDependency[SpinSlot],
    idempotency_key: IdempotencyKey = None,
) -> SpinResult:
    """Spin three reels. Returns 94.77 % of the bet on average."""
    return await spin_slot.execute(actor_of(request, idempotency_key), data)


@post("/rps/play", operation_id="playRps", status_code=200, responses=_BET)
async def post_rps(
    data: JSONBody[PlayRpsCommand],
    request: SignedInRequest,
    play_rps: NamedDependency[PlayRps],
    idempotency_key: IdempotencyKey = None,
) -> PlayRpsResult:
    """Rock, paper, scissors. A win pays 1.95 times the bet, a draw returns it."""
    return await play_rps.execute(actor_of(request, idempotency_key), data)


@post("/gacha/pull", operation_id="pullGacha", status_code=200, responses=_BET)
async def post_pull(
    data: JSONBody[PullGachaCommand],
    request: SignedInRequest,
    pull_gacha: NamedDependency[PullGacha],
    idempotency_key: IdempotencyKey = None,
) -> PullGachaResult:
    """Pull one item for 100 gold or ten for 950."""
    return await pull_gacha.execute(actor_of(request, idempotency_key), data)


@post(
    "/crash/bet",
    operation_id="betCrash",
    status_code=200,
    responses=refusals("insufficient_gold", "wallet_full", "too_many_open_rounds"),
)
async def post_crash_bet(
    data: JSONBody[BetCrashCommand],
    request: SignedInRequest,
    bet_crash: NamedDependency[BetCrash],
    idempotency_key: IdempotencyKey = None,
) -> CrashResult:
    """Bet on a growing multiplier. A bet with an automatic cash-out is settled immediately."""
    return await bet_crash.execute(actor_of(request, idempotency_key), data)


@post("/crash/cashout", operation_id="cashOutCrash", status_code=200, responses=_CASH_OUT)
async def post_crash_cashout(
    data: JSONBody[CashOutCommand],
    request: SignedInRequest,
    cash_out_crash: NamedDependency[CashOutCrash],
    idempotency_key: IdempotencyKey = None,
) -> CrashResult:
    """Cash out of an open round, at the multiplier when the server handles the request."""
    return await cash_out_crash.execute(actor_of(request, idempotency_key), data)


@get("/stats", operation_id="getStats", responses=refusals("unknown_user"))
async def get_stats(request: SignedInRequest, read_player: NamedDependency[ReadPlayer]) -> Stats:
    """The caller's statistics per game."""
    return await read_player.stats(request.user.user_id)


games_router = Router(
    "/api/games",
    route_handlers=[post_spin, post_rps, post_pull, post_crash_bet, post_crash_cashout, get_stats],
    tags=["Games"],
    **PLAYER,
)
