"""Make somebody an operator."""

from attrs import frozen

from application.ports.clock import Clock
from application.ports.passwords import Passwords
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.use_cases.accounts.sign_up import SignUpCommand, add_account
from domain.account import Role, check_password, check_site_id


@frozen
class CreateAdmin:
    """Open an operator's account, or make an existing account one with this password.

    - All logins that the account had are ended: they were another person's, or a lesser role's.
    """

    _unit_of_work: UnitOfWork
    _passwords: Passwords
    _clock: Clock

    async def execute(self, site_id: str, password: str) -> bool:
        """Create or change the account; whether it is new."""
        check_site_id(site_id)
        check_password(password)
        password_hash = await self._passwords.hash(password)

        def create(stores: Stores) -> bool:
            account = stores.accounts.by_site_id(site_id)
            if account is None:
                nickname = site_id[:30]
                command = SignUpCommand(site_id=site_id, nickname=nickname, password=password)
                add_account(stores, self._clock, command, nickname, password_hash, Role.ADMIN)
                return True
            stores.accounts.set_credentials(
                account.user_id, password_hash=password_hash, role=Role.ADMIN
            )
            stores.logins.revoke_all(account.user_id, self._clock.now())
            return False

        return await self._unit_of_work.write(create)
