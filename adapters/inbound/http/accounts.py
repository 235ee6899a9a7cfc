"""`/api/auth`: sign up, sign in, go on, sign out."""

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import SIGNED_IN, SignedInRequest
from adapters.inbound.http.requests import (
    LogInRequest,
    LogOutRequest,
    RefreshRequest,
    SignUpRequest,
)
from application.identity.token_service import SignedIn, SignedInUser
from application.transactions.command import Result
from application.use_cases.accounts.log_in import LogIn
from application.use_cases.accounts.log_out import LogOut
from application.use_cases.accounts.refresh_login import RefreshLogin
from application.use_cases.accounts.sign_up import SignUp, SignUpCommand
from application.use_cases.players.read_player import ReadPlayer


@post("/signup", status_code=200)
async def post_signup(data: JSONBody[SignUpRequest], sign_up: NamedDependency[SignUp]) -> SignedIn:
    """Open an account and be signed in. A new player starts with 1,000 gold."""
    return await sign_up.execute(
        SignUpCommand(
            site_id=data.site_id,
            nickname=data.nickname,
            password=data.password,
            invite_code=data.invite_code,
            phone_number=data.phone_number,
        )
    )


@post("/login", status_code=200)
async def post_login(data: JSONBody[LogInRequest], log_in: NamedDependency[LogIn]) -> SignedIn:
    """Sign in on one more device."""
    return await log_in.execute(data.site_id, data.password)


@post("/refresh", status_code=200)
async def post_refresh(
    data: JSONBody[RefreshRequest], refresh_login: NamedDependency[RefreshLogin]
) -> SignedIn:
    """Fresh tokens. A refresh token is good once."""
    return await refresh_login.execute(data.refresh_token)


@post("/logout", status_code=200, security=SIGNED_IN)
async def post_logout(
    data: JSONBody[LogOutRequest],
    request: SignedInRequest,
    log_out: NamedDependency[LogOut],
) -> Result:
    """End this login, or with `everywhere` all of the user's; their sockets are closed."""
    await log_out.execute(request.user, everywhere=data.everywhere)
    return Result()


@get("/me", security=SIGNED_IN)
async def get_me(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> SignedInUser:
    """Who am I, and what do I have?"""
    return await read_player.me(request.user.user_id)


auth_router = Router(
    "/api/auth",
    route_handlers=[post_signup, post_login, post_refresh, post_logout, get_me],
    tags=["Sign-in"],
)
