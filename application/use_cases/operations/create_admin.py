"""Create an operator account, or give an account the admin role."""

import logging

from attrs import frozen

from application.ports.clock import Clock
from application.ports.common_passwords import CommonPasswords
from application.ports.passwords import Passwords
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.use_cases.accounts.sign_up import SignUpCommand, add_account
from domain.account import Role, check_site_id
from domain.passwords import check_new_password

logger = logging.getLogger("synchub.operators")


@frozen
class CreateAdmin:
    """Open an account with the admin role, or give an existing account that role and this password.

    - All logins of an existing account are revoked: they may belong to another person, and their
      tokens have the old role. Nodes find these revocations by the revocation poll.
    """

    _unit_of_work: UnitOfWork
    _passwords: Passwords
    _common_passwords: CommonPasswords
    _clock: Clock

    async def execute(self, site_id: str, password: str) -> bool:
        """Create or change the account; return whether it is new."""
        check_site_id(site_id)
        check_new_password(password, (site_id,), self._common_passwords.contain)
        password_hash = await self._passwords.hash(password)

        def create(stores: Stores) -> bool:
            account = stores.accounts.by_site_id(site_id)
            if account is None:
                command = SignUpCommand(site_id=site_id, nickname=site_id[:30], password=password)
                add_account(stores, command, password_hash, Role.ADMIN, self._clock.now())
                return True
            stores.accounts.set_credentials(
                account.user_id, password_hash=password_hash, role=Role.ADMIN
            )
            stores.logins.revoke_all(account.user_id, self._clock.now())
            return False

        created = await self._unit_of_work.write(create)
        logger.info("an account became an operator's", extra={"new_account": created})
        return created
