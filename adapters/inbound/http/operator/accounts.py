"""`/api/admin/users`: what operators do to accounts."""

from collections.abc import Sequence

from litestar import post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from adapters.inbound.access.guards import SignedInRequest
from adapters.inbound.errors.documented import refusals
from application.use_cases.accounts.account_administration import (
    AccountCommand,
    AdministeredAccount,
)
from application.use_cases.accounts.block_account import BlockAccount
from application.use_cases.accounts.change_role import ChangeRole, ChangeRoleCommand
from application.use_cases.accounts.delete_account import DeleteAccount

_ACCOUNT = refusals("unknown_user", "account_deleted", "last_operator")


@post("/users/role", status_code=200, responses=_ACCOUNT)
async def post_role(
    data: JSONBody[ChangeRoleCommand],
    request: SignedInRequest,
    change_role: NamedDependency[ChangeRole],
) -> AdministeredAccount:
    """Promote a player, or demote an operator. The user stays signed in and refreshes tokens."""
    return await change_role.execute(request.user, data)


@post("/users/block", status_code=200, responses=_ACCOUNT)
async def post_block(
    data: JSONBody[AccountCommand],
    request: SignedInRequest,
    block_account: NamedDependency[BlockAccount],
) -> AdministeredAccount:
    """Block an account: its logins and sockets end, and nobody can sign in."""
    return await block_account.block(request.user, data)


@post("/users/unblock", status_code=200, responses=_ACCOUNT)
async def post_unblock(
    data: JSONBody[AccountCommand],
    request: SignedInRequest,
    block_account: NamedDependency[BlockAccount],
) -> AdministeredAccount:
    """Unblock an account, so that its user can sign in again."""
    return await block_account.unblock(request.user, data)


@post("/users/delete", status_code=200, responses=_ACCOUNT)
async def post_delete(
    data: JSONBody[AccountCommand],
    request: SignedInRequest,
    delete_account: NamedDependency[DeleteAccount],
) -> AdministeredAccount:
    """Delete an account for good. Its books and its site id are kept."""
    return await delete_account.execute(request.user, data)


ACCOUNT_HANDLERS: Sequence[HTTPRouteHandler] = [
    post_role,
    post_block,
    post_unblock,
    post_delete,
]
