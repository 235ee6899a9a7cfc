"""`/api/auth`: sign-up, sign-in, change of password, token refresh, sign-out."""

from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import PLAYER, PUBLIC, SignedInRequest
from adapters.inbound.errors.documented import refusals
from adapters.inbound.http.request.client_presence import address_of, while_connected
from adapters.inbound.http.request.request_context import IdempotencyKey, key_of
from application.identity.token_service import SignedIn, SignedInUser
from application.transactions.command import Result
from application.use_cases.accounts.change_password import ChangePassword, ChangePasswordCommand
from application.use_cases.accounts.log_in import LogIn, LogInCommand
from application.use_cases.accounts.log_out import LogOut, LogOutCommand
from application.use_cases.accounts.refresh_login import RefreshCommand, RefreshLogin
from application.use_cases.accounts.sign_up import SignUp, SignUpCommand
from application.use_cases.players.read_player import ReadPlayer

_HASHED = ("sign_in_delayed", "sign_in_busy")


@post(
    "/signup",
    operation_id="signUp",
    status_code=200,
    rate_limit="sign_up",
    responses=refusals(
        "site_id_taken",
        "invalid_credentials",
        "password_too_common",
        "too_many_sign_ups",
        *_HASHED,
    ),
    **PUBLIC,
)
async def post_signup(
    data: JSONBody[SignUpCommand],
    request: Request[Any, Any, Any],
    sign_up: NamedDependency[SignUp],
    idempotency_key: IdempotencyKey = None,
) -> SignedIn:
    """Open an account and sign in. A new player starts with 1,000 gold.

    A repeated request signs in to the account that the first one opened.
    """
    key = key_of(request, idempotency_key)
    work = sign_up.execute(data, address=address_of(request), key=key)
    return await while_connected(request, work)


@post(
    "/login",
    operation_id="logIn",
    status_code=200,
    responses=refusals("invalid_credentials", "account_blocked", *_HASHED),
    **PUBLIC,
)
async def post_login(
    data: JSONBody[LogInCommand],
    request: Request[Any, Any, Any],
    log_in: NamedDependency[LogIn],
) -> SignedIn:
    """Sign in with site id and password, on one more device."""
    return await while_connected(request, log_in.execute(data, address_of(request)))


@post(
    "/password",
    operation_id="changePassword",
    status_code=200,
    responses=refusals("password_too_common", "unknown_user", *_HASHED),
    **PLAYER,
)
async def post_password(
    data: JSONBody[ChangePasswordCommand],
    request: SignedInRequest,
    change_password: NamedDependency[ChangePassword],
) -> Result:
    """Change the password. All other logins of the user end, with their sockets."""
    work = change_password.execute(request.user, data, address_of(request))
    return await while_connected(request, work)


@post(
    "/refresh",
    operation_id="refreshLogin",
    status_code=200,
    responses=refusals("refresh_token_invalid", "refresh_token_reused", "account_blocked"),
    **PUBLIC,
)
async def post_refresh(
    data: JSONBody[RefreshCommand], refresh_login: NamedDependency[RefreshLogin]
) -> SignedIn:
    """Get new tokens for a refresh token, which can be used once."""
    return await refresh_login.execute(data)


@post("/logout", operation_id="logOut", status_code=200, **PLAYER)
async def post_logout(
    data: JSONBody[LogOutCommand], request: SignedInRequest, log_out: NamedDependency[LogOut]
) -> Result:
    """End this login, or with `everywhere` all logins of the user, and close their sockets."""
    return await log_out.execute(request.user, data)


@get("/me", operation_id="getMe", responses=refusals("unknown_user"), **PLAYER)
async def get_me(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> SignedInUser:
    """The account and the profile of the caller."""
    return await read_player.me(request.user.user_id)


accounts_router = Router(
    "/api/auth",
    route_handlers=[
        post_signup,
        post_login,
        post_password,
        post_refresh,
        post_logout,
        get_me,
    ],
    tags=["Sign-in"],
)
