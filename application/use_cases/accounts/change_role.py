"""Promote a player to an operator, or demote an operator to a player."""

from typing import Annotated

from attrs import evolve, frozen

from application.ports.tokens import Caller
from application.use_cases.accounts.account_administration import (
    AccountAdministration,
    AccountCommand,
    AdministeredAccount,
)
from domain.account import Role
from domain.constraints import Description


@frozen(kw_only=True)
class ChangeRoleCommand(AccountCommand):
    """The user, and the new role."""

    role: Annotated[Role, Description("The new role.")]


@frozen
class ChangeRole:
    """Change the role of an account, by the rules of `AccountAdministration`.

    - The user stays signed in: clients refresh their tokens. A demoted operator's monitors close.
    """

    _administration: AccountAdministration

    async def execute(self, operator: Caller, command: ChangeRoleCommand) -> AdministeredAccount:
        """Set the role; errors are those of `AccountAdministration`."""
        return await self._administration.execute(
            operator, command.user_id, lambda account: evolve(account, role=command.role)
        )
