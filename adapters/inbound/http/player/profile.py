"""`/api/profile` and `/api/streak`."""

from litestar import Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import PLAYER, SignedInRequest
from adapters.inbound.errors.documented import refusals
from adapters.inbound.http.request.request_context import IdempotencyKey, actor_of
from application.use_cases.players.claim_streak import (
    ClaimStreak,
    ClaimStreakCommand,
    ClaimStreakResult,
)
from application.use_cases.players.read_player import ReadPlayer, StreakStatus
from application.use_cases.players.update_profile import (
    UpdateProfile,
    UpdateProfileCommand,
    UpdateProfileResult,
)


@patch("/profile", operation_id="updateProfile")
async def patch_profile(
    data: JSONBody[UpdateProfileCommand],
    request: SignedInRequest,
    update_profile: NamedDependency[UpdateProfile],
    idempotency_key: IdempotencyKey = None,
) -> UpdateProfileResult:
    """Change the nickname."""
    return await update_profile.execute(actor_of(request, idempotency_key), data)


@get("/streak/status", operation_id="getStreak", responses=refusals("unknown_user"))
async def get_streak(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> StreakStatus:
    """The daily streak of the caller as of today (UTC)."""
    return await read_player.streak(request.user.user_id)


@post(
    "/streak/claim",
    operation_id="claimStreak",
    status_code=200,
    responses=refusals("streak_already_claimed", "wallet_full"),
)
async def post_claim(
    request: SignedInRequest,
    claim_streak: NamedDependency[ClaimStreak],
    idempotency_key: IdempotencyKey = None,
) -> ClaimStreakResult:
    """Claim today's bonus: day n pays 800 + 200·n gold and 25 + 25·n exp."""
    return await claim_streak.execute(actor_of(request, idempotency_key), ClaimStreakCommand())


players_router = Router(
    "/api", route_handlers=[patch_profile, get_streak, post_claim], tags=["Player"], **PLAYER
)
