"""`/api/profile`, `/api/streak`: what the player is and has."""

from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import SIGNED_IN, SignedInRequest
from adapters.inbound.http.requests import IdempotencyKey, UpdateProfileRequest
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


@patch("/api/profile", security=SIGNED_IN, tags=["Player"])
async def patch_profile(
    data: JSONBody[UpdateProfileRequest],
    request: SignedInRequest,
    update_profile: NamedDependency[UpdateProfile],
    idempotency_key: IdempotencyKey = None,
) -> UpdateProfileResult:
    """Take a new nickname."""
    return await update_profile.execute(
        UpdateProfileCommand(
            user_id=request.user.user_id, idempotency_key=idempotency_key, nickname=data.nickname
        )
    )


@get("/api/streak/status", security=SIGNED_IN, tags=["Player"])
async def get_streak(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> StreakStatus:
    """Where my daily streak stands."""
    return await read_player.streak(request.user.user_id)


@post("/api/streak/claim", status_code=200, security=SIGNED_IN, tags=["Player"])
async def post_claim(
    request: SignedInRequest,
    claim_streak: NamedDependency[ClaimStreak],
    idempotency_key: IdempotencyKey = None,
) -> ClaimStreakResult:
    """Claim today's bonus: day n pays 800 + 200·n gold and 25 + 25·n exp."""
    return await claim_streak.execute(
        ClaimStreakCommand(user_id=request.user.user_id, idempotency_key=idempotency_key)
    )


PLAYER_HANDLERS = [patch_profile, get_streak, post_claim]
