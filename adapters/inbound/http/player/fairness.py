"""`/api/fairness`: seeds, past rounds and verification of provably fair games."""

from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from adapters.inbound.access.guards import PLAYER, SignedInRequest
from adapters.inbound.errors.documented import refusals
from adapters.inbound.http.request.request_context import IdempotencyKey, actor_of
from application.use_cases.fairness.read_fairness import (
    MAX_ROUNDS,
    NextRound,
    PastRounds,
    ReadFairness,
)
from application.use_cases.fairness.rotate_seeds import (
    ChangeClientSeedCommand,
    RotateSeeds,
    RotateSeedsCommand,
    RotateSeedsResult,
)
from application.use_cases.fairness.verify_round import (
    VerifiedRound,
    VerifyRound,
    VerifyRoundCommand,
)
from domain.player import MAX_AMOUNT

Before = Annotated[
    int | None,
    QueryParameter(ge=1, le=MAX_AMOUNT, description="Only rounds with a `seq` below it."),
]
Limit = Annotated[
    int, QueryParameter(ge=1, le=MAX_ROUNDS, description="The most rounds of the answer.")
]


@get("/", operation_id="getNextRound", responses=refusals("unknown_user"))
async def get_fairness(
    request: SignedInRequest, read_fairness: NamedDependency[ReadFairness]
) -> NextRound:
    """The hash of the server seed of the next round, the client seed and the nonce."""
    return await read_fairness.next_round(request.user.user_id)


@post(
    "/client-seed",
    operation_id="changeClientSeed",
    status_code=200,
    responses=refusals("open_rounds", "wallet_full"),
)
async def post_client_seed(
    data: JSONBody[ChangeClientSeedCommand],
    request: SignedInRequest,
    rotate_seeds: NamedDependency[RotateSeeds],
    idempotency_key: IdempotencyKey = None,
) -> RotateSeedsResult:
    """Choose another client seed. This also rotates the server seed."""
    return await rotate_seeds.execute(actor_of(request, idempotency_key), data)


@post(
    "/rotate",
    operation_id="rotateSeeds",
    status_code=200,
    responses=refusals("open_rounds", "wallet_full"),
)
async def post_rotate(
    request: SignedInRequest,
    rotate_seeds: NamedDependency[RotateSeeds],
    idempotency_key: IdempotencyKey = None,
) -> RotateSeedsResult:
    """Reveal the server seed of the past rounds, and begin with the next one."""
    return await rotate_seeds.execute(actor_of(request, idempotency_key), RotateSeedsCommand())


@get("/rounds", operation_id="listRounds", responses=refusals("unknown_user"))
async def get_rounds(
    request: SignedInRequest,
    read_fairness: NamedDependency[ReadFairness],
    before: Before = None,
    limit: Limit = 20,
) -> PastRounds:
    """Past rounds, newest first, with what verifies them: `server_seed` once it is revealed."""
    return await read_fairness.rounds(request.user.user_id, before, limit)


@post("/verify", operation_id="verifyRound", status_code=200)
async def post_verify(
    data: JSONBody[VerifyRoundCommand], verify_round: NamedDependency[VerifyRound]
) -> VerifiedRound:
    """Recompute the outcome of a round from its seeds."""
    return await verify_round.execute(data)


fairness_router = Router(
    "/api/fairness",
    route_handlers=[get_fairness, post_client_seed, post_rotate, get_rounds, post_verify],
    tags=["Fairness"],
    **PLAYER,
)
