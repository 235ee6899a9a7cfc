"""Sign in with site id and password."""

import logging

from attrs import field, frozen

from application.identity.token_service import SignedIn, TokenService
from application.ports.passwords import Passwords
from application.ports.storage.unit_of_work import UnitOfWork
from domain.constraints import ShortText
from domain.errors import Unauthenticated

logger = logging.getLogger("synchub.sign_in")


@frozen(kw_only=True)
class LogInCommand:
    """The credentials."""

    site_id: ShortText
    password: ShortText = field(repr=False)


@frozen
class LogIn:
    """Open a login for one more device.

    - A wrong password and an unknown site id get the same answer after the same time, so that
      nobody can find out which accounts exist.
    """

    _unit_of_work: UnitOfWork
    _passwords: Passwords
    _token_service: TokenService

    async def execute(self, command: LogInCommand) -> SignedIn:
        """Open a login. Unauthenticated (`invalid_credentials`) if the credentials are wrong."""
        account = await self._unit_of_work.read(
            lambda stores: stores.accounts.by_site_id(command.site_id)
        )
        password_hash = None if account is None else account.password_hash
        valid = await self._passwords.verify(command.password, password_hash)
        if account is None or not valid:
            logger.info(
                "sign-in refused",
                extra={"user": None if account is None else account.user_id},
            )
            raise Unauthenticated("unknown site id or wrong password", code="invalid_credentials")
        return await self._unit_of_work.write(
            lambda stores: self._token_service.open(stores, account)
        )
