"""Block an account, so that nobody can use it, or unblock it."""

from attrs import evolve, frozen

from application.ports.tokens import Caller
from application.use_cases.accounts.account_administration import (
    AccountAdministration,
    AccountCommand,
    AdministeredAccount,
)
from domain.account import AccountStatus


@frozen
class BlockAccount:
    """Block and unblock, by the rules of `AccountAdministration`.

    - All logins of a blocked account end, and no new one is opened. Its owner, who knows the
      password, is told the reason; others are not.
    - Gold, journal and open crash rounds stay as they are; rounds are settled in their time.
    - After it is unblocked, the user signs in again.
    """

    _administration: AccountAdministration

    async def block(self, operator: Caller, command: AccountCommand) -> AdministeredAccount:
        """Block; errors are those of `AccountAdministration`."""
        return await self._set(operator, command.user_id, AccountStatus.BLOCKED)

    async def unblock(self, operator: Caller, command: AccountCommand) -> AdministeredAccount:
        """Unblock; errors are those of `AccountAdministration`."""
        return await self._set(operator, command.user_id, AccountStatus.ACTIVE)

    async def _set(
        self, operator: Caller, user_id: int, status: AccountStatus
    ) -> AdministeredAccount:
        return await self._administration.execute(
            operator, user_id, lambda account: evolve(account, status=status)
        )
