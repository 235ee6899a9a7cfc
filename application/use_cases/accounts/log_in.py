"""Sign in."""

from attrs import frozen

from application.identity.token_service import SignedIn, TokenService
from application.ports.passwords import Passwords
from application.ports.storage.unit_of_work import UnitOfWork
from domain.errors import Unauthenticated


@frozen
class LogIn:
    """Sign in on one more device.

    - A wrong password and an unknown site id look and take the same.
    """

    _unit_of_work: UnitOfWork
    _passwords: Passwords
    _token_service: TokenService

    async def execute(self, site_id: str, password: str) -> SignedIn:
        account = await self._unit_of_work.read(lambda stores: stores.accounts.by_site_id(site_id))
        password_hash = None if account is None else account.password_hash
        valid = await self._passwords.verify(password, password_hash)
        if account is None or not valid:
            raise Unauthenticated("unknown site id or wrong password", code="invalid_credentials")
        return await self._unit_of_work.write(
            lambda stores: self._token_service.open(stores, account)
        )
