"""`/api/admin/users`: what operators see of one user, and do to one."""

from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from adapters.inbound.access.guards import OPERATOR, SignedInRequest
from adapters.inbound.errors.documented import refusals
from adapters.inbound.http.request.request_context import IdempotencyKey, key_of
from application.use_cases.accounts.account_administration import (
    AccountCommand,
    AdministeredAccount,
)
from application.use_cases.accounts.block_account import BlockAccount
from application.use_cases.accounts.change_role import ChangeRole, ChangeRoleCommand
from application.use_cases.accounts.delete_account import DeleteAccount
from application.use_cases.users.adjust_balance import (
    AdjustBalance,
    AdjustBalanceCommand,
    AdjustBalanceResult,
)
from application.use_cases.users.disconnect_user import Disconnected, DisconnectUser
from application.use_cases.users.find_users import FindUsers, UsersFound
from application.use_cases.users.inspect_user import InspectUser, UserOverview
from application.use_cases.users.revoke_logins import (
    LoginsRevoked,
    RevokeLogins,
    RevokeLoginsCommand,
)

MAX_USER_ID = 2**53 - 1

UserId = Annotated[int, PathParameter(ge=1, le=MAX_USER_ID)]

_ACCOUNT = refusals("unknown_user", "account_deleted", "last_operator")


@get("/")
async def get_users(
    find_users: NamedDependency[FindUsers],
    site_id: Annotated[str | None, QueryParameter(max_length=200, pattern=r"^[^\x00]*$")] = None,
    user_id: Annotated[int | None, QueryParameter(ge=1, le=MAX_USER_ID)] = None,
) -> UsersFound:
    """Find a user by the whole site id, ignoring case, or by id."""
    return await find_users.execute(site_id, user_id)


@get("/{user_id:int}", responses=refusals("unknown_user"))
async def get_user(user_id: UserId, inspect_user: NamedDependency[InspectUser]) -> UserOverview:
    """The account, the logins, and the open connections on all nodes."""
    return await inspect_user.execute(user_id)


@post("/{user_id:int}/disconnect", status_code=200, responses=refusals("unknown_user"))
async def post_disconnect(
    user_id: UserId, disconnect_user: NamedDependency[DisconnectUser]
) -> Disconnected:
    """Close all connections of a user, on all nodes. Clients may come back at once."""
    return await disconnect_user.execute(user_id)


@post(
    "/{user_id:int}/revoke",
    status_code=200,
    responses=refusals("unknown_user", "unknown_login"),
)
async def post_revoke(
    user_id: UserId,
    data: JSONBody[RevokeLoginsCommand],
    revoke_logins: NamedDependency[RevokeLogins],
) -> LoginsRevoked:
    """End one login of a user, or all, and close their sockets."""
    return await revoke_logins.execute(user_id, data)


@post(
    "/{user_id:int}/balance",
    status_code=200,
    responses=refusals("unknown_user", "insufficient_gold", "wallet_full"),
)
async def post_balance(
    user_id: UserId,
    data: JSONBody[AdjustBalanceCommand],
    request: SignedInRequest,
    adjust_balance: NamedDependency[AdjustBalance],
    idempotency_key: IdempotencyKey = None,
) -> AdjustBalanceResult:
    """Give gold to a player, or take some away, for a reason."""
    key = key_of(request, idempotency_key)
    return await adjust_balance.execute(request.user, user_id, data, key)


@post("/role", status_code=200, responses=_ACCOUNT)
async def post_role(
    data: JSONBody[ChangeRoleCommand],
    request: SignedInRequest,
    change_role: NamedDependency[ChangeRole],
) -> AdministeredAccount:
    """Promote a player, or demote an operator. The user stays signed in and refreshes tokens."""
    return await change_role.execute(request.user, data)


@post("/block", status_code=200, responses=_ACCOUNT)
async def post_block(
    data: JSONBody[AccountCommand],
    request: SignedInRequest,
    block_account: NamedDependency[BlockAccount],
) -> AdministeredAccount:
    """Block an account: its logins and sockets end, and nobody can sign in."""
    return await block_account.block(request.user, data)


@post("/unblock", status_code=200, responses=_ACCOUNT)
async def post_unblock(
    data: JSONBody[AccountCommand],
    request: SignedInRequest,
    block_account: NamedDependency[BlockAccount],
) -> AdministeredAccount:
    """Unblock an account, so that its user can sign in again."""
    return await block_account.unblock(request.user, data)


@post("/delete", status_code=200, responses=_ACCOUNT)
async def post_delete(
    data: JSONBody[AccountCommand],
    request: SignedInRequest,
    delete_account: NamedDependency[DeleteAccount],
) -> AdministeredAccount:
    """Delete an account for good. Its books and its site id are kept."""
    return await delete_account.execute(request.user, data)


users_router = Router(
    "/api/admin/users",
    route_handlers=[
        get_users,
        get_user,
        post_disconnect,
        post_revoke,
        post_balance,
        post_role,
        post_block,
        post_unblock,
        post_delete,
    ],
    tags=["Operators"],
    **OPERATOR,
)
