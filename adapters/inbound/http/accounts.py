"""`/api/auth`: sign-up, sign-in, token refresh, sign-out."""

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import PLAYER, PUBLIC, SignedInRequest
from adapters.inbound.errors.documented import refusals
from application.identity.token_service import SignedIn, SignedInUser
from application.transactions.command import Result
from application.use_cases.accounts.log_in import LogIn, LogInCommand
from application.use_cases.accounts.log_out import LogOut, LogOutCommand
from application.use_cases.accounts.refresh_login import RefreshCommand, RefreshLogin
from application.use_cases.accounts.sign_up import SignUp, SignUpCommand
from application.use_cases.players.read_player import ReadPlayer


@post("/signup", status_code=200, responses=refusals("site_id_taken"), **PUBLIC)
async def post_signup(data: JSONBody[SignUpCommand], sign_up: NamedDependency[SignUp]) -> SignedIn:
    """Open an account and sign in. A new player starts with 1,000 gold."""
    return await sign_up.execute(data)


@post("/login", status_code=200, responses=refusals("invalid_credentials"), **PUBLIC)
async def post_login(data: JSONBody[LogInCommand], log_in: NamedDependency[LogIn]) -> SignedIn:
    """Sign in with site id and password, on one more device."""
    return await log_in.execute(data)


@post(
    "/refresh",
    status_code=200,
    responses=refusals("refresh_token_invalid", "refresh_token_reused"),
    **PUBLIC,
)
async def post_refresh(
    data: JSONBody[RefreshCommand], refresh_login: NamedDependency[RefreshLogin]
) -> SignedIn:
    """Get new tokens for a refresh token, which can be used once."""
    return await refresh_login.execute(data)


@post("/logout", status_code=200, **PLAYER)
async def post_logout(
    data: JSONBody[LogOutCommand], request: SignedInRequest, log_out: NamedDependency[LogOut]
) -> Result:
    """End this login, or with `everywhere` all logins of the user, and close their sockets."""
    return await log_out.execute(request.user, data)


@get("/me", responses=refusals("unknown_user"), **PLAYER)
async def get_me(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> SignedInUser:
    """The account and the profile of the caller."""
    return await read_player.me(request.user.user_id)


accounts_router = Router(
    "/api/auth",
    route_handlers=[post_signup, post_login, post_refresh, post_logout, get_me],
    tags=["Sign-in"],
)
