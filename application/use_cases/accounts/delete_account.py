"""Delete an account."""

from attrs import evolve, frozen

from application.ports.tokens import Caller
from application.use_cases.accounts.account_administration import (
    AccountAdministration,
    AccountCommand,
    AdministeredAccount,
)
from domain.account import AccountStatus, Role

NO_PASSWORD = ""
"""Matches no password."""


@frozen
class DeleteAccount:
    """Delete an account for good, by the rules of `AccountAdministration`.

    - All logins end. A later sign-in is answered like that of an account that never existed.
    - Ledger, journal, receipts and statistics stay, since the books must add up; the site id stays
      taken, so that nobody can pose as its former owner. The password and the role go.
    """

    _administration: AccountAdministration

    async def execute(self, operator: Caller, command: AccountCommand) -> AdministeredAccount:
        """Delete; errors are those of `AccountAdministration`."""
        return await self._administration.execute(
            operator,
            command.user_id,
            lambda account: evolve(
                account,
                status=AccountStatus.DELETED,
                role=Role.PLAYER,
                password_hash=NO_PASSWORD,
            ),
        )
