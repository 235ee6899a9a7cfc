"""Create an operator account, or give an account the admin role."""

import logging

from attrs import frozen

from application.cluster.messages import AccountChanged, LoginRevoked
from application.hub.authority_news import AuthorityNews, News
from application.ports.clock import Clock
from application.ports.common_passwords import CommonPasswords
from application.ports.passwords import Passwords
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.use_cases.accounts.sign_up import SignUpCommand, add_account
from domain.account import AccountStatus, Role, check_site_id
from domain.errors import Conflict
from domain.passwords import check_new_password

logger = logging.getLogger("synchub.operators")


@frozen
class CreateAdmin:
    """Open an account with the admin role, or give an existing account that role and this password.

    - All logins of an existing account are revoked: they may belong to another person, and their
      tokens have the old role. All nodes are told; without a broker they find it by the revocation
      poll.
    - A blocked account is unblocked: who may run this command decides. A deleted one stays deleted.
    """

    _unit_of_work: UnitOfWork
    _passwords: Passwords
    _common_passwords: CommonPasswords
    _clock: Clock
    _news: AuthorityNews

    async def execute(self, site_id: str, password: str) -> bool:
        """Create or change the account; return whether it is new. Conflict (`account_deleted`)."""
        check_site_id(site_id)
        check_new_password(password, (site_id,), self._common_passwords.contain)
        password_hash = await self._passwords.hash(password)

        def create(stores: Stores) -> list[News] | None:
            account = stores.accounts.by_site_id(site_id)
            if account is None:
                command = SignUpCommand(site_id=site_id, nickname=site_id[:30], password=password)
                add_account(stores, command, password_hash, Role.ADMIN, self._clock.now())
                return None
            if account.status is AccountStatus.DELETED:
                raise Conflict("this account was deleted", code="account_deleted")
            user_id = account.user_id
            stores.accounts.set_credentials(user_id, password_hash=password_hash, role=Role.ADMIN)
            stores.accounts.set_status(user_id, AccountStatus.ACTIVE)
            version = stores.accounts.raise_version(user_id)
            ended = stores.logins.revoke_all(user_id, self._clock.now())
            return [*map(LoginRevoked, ended), AccountChanged(user_id, version)]

        news = await self._unit_of_work.write(create)
        self._news.spread(news or ())
        created = news is None
        logger.info("an account became an operator's", extra={"new_account": created})
        return created
