"""Set the password of an account, for its owner or to lock somebody out."""

import logging

from attrs import frozen

from application.cluster.messages import LoginRevoked
from application.hub.authority_news import AuthorityNews
from application.ports.clock import Clock
from application.ports.common_passwords import CommonPasswords
from application.ports.passwords import Passwords
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from domain.errors import NotFound
from domain.passwords import check_new_password

logger = logging.getLogger("synchub.operators")


@frozen
class SetPassword:
    """Replace the password of an account, without knowing the current one.

    - All logins of the account are revoked. All nodes are told; without a broker they find it by
      the revocation poll.
    - The role stays.
    """

    _unit_of_work: UnitOfWork
    _passwords: Passwords
    _common_passwords: CommonPasswords
    _clock: Clock
    _news: AuthorityNews

    async def execute(self, site_id: str, password: str) -> None:
        """Replace it. NotFound (`unknown_user`) without such an account; InvalidInput if the
        password violates its rules."""
        check_new_password(password, (site_id,), self._common_passwords.contain)
        password_hash = await self._passwords.hash(password)

        def replace(stores: Stores) -> list[str]:
            account = stores.accounts.by_site_id(site_id)
            if account is None:
                raise NotFound("there is no such account", code="unknown_user")
            stores.accounts.set_credentials(
                account.user_id, password_hash=password_hash, role=account.role
            )
            return stores.logins.revoke_all(account.user_id, self._clock.now())

        ended = await self._unit_of_work.write(replace)
        self._news.spread(map(LoginRevoked, ended))
        logger.info("an operator set a password", extra={"site_id": site_id})
