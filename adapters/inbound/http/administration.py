"""`/api/admin/users`: what operators do to accounts."""

from collections.abc import Sequence

from litestar import delete, post, put
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from adapters.inbound.access.guards import SignedInRequest
from application.use_cases.accounts.account_administration import AdministeredAccount
from application.use_cases.accounts.block_account import BlockAccount
from application.use_cases.accounts.change_role import ChangeRole, ChangeRoleCommand
from application.use_cases.accounts.delete_account import DeleteAccount


@put("/users/{user_id:int}/role", status_code=200)
async def put_role(
    user_id: FromPath[int],
    data: JSONBody[ChangeRoleCommand],
    request: SignedInRequest,
    change_role: NamedDependency[ChangeRole],
) -> AdministeredAccount:
    """Promote a player, or demote an operator. The user stays signed in and refreshes tokens."""
    return await change_role.execute(request.user, user_id, data)


@post("/users/{user_id:int}/block", status_code=200)
async def post_block(
    user_id: FromPath[int], request: SignedInRequest, block_account: NamedDependency[BlockAccount]
) -> AdministeredAccount:
    """Block an account: its logins and sockets end, and nobody can sign in."""
    return await block_account.block(request.user, user_id)


@post("/users/{user_id:int}/unblock", status_code=200)
async def post_unblock(
    user_id: FromPath[int], request: SignedInRequest, block_account: NamedDependency[BlockAccount]
) -> AdministeredAccount:
    """Unblock an account, so that its user can sign in again."""
    return await block_account.unblock(request.user, user_id)


@delete("/users/{user_id:int}", status_code=200)
async def delete_user(
    user_id: FromPath[int], request: SignedInRequest, delete_account: NamedDependency[DeleteAccount]
) -> AdministeredAccount:
    """Delete an account for good. Its books and its site id are kept."""
    return await delete_account.execute(request.user, user_id)


ADMINISTRATION_HANDLERS: Sequence[HTTPRouteHandler] = [
    put_role,
    post_block,
    post_unblock,
    delete_user,
]
