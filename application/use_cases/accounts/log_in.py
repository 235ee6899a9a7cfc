"""Sign in with site id and password."""

import logging
from functools import partial
from typing import Annotated

from attrs import field, frozen

from application.identity.sign_in_throttle import SignInThrottle
from application.identity.token_service import SignedIn, TokenService
from application.ports.passwords import Passwords
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.telemetry import Counted, Telemetry
from domain.account import Account
from domain.constraints import Description, ShortText
from domain.errors import Overloaded, Unauthenticated

logger = logging.getLogger("synchub.sign_in")


@frozen(kw_only=True)
class LogInCommand:
    """The credentials."""

    site_id: Annotated[ShortText, Description("The site id; case does not matter.")]
    password: Annotated[ShortText, Description("The password.")] = field(repr=False)


@frozen
class LogIn:
    """Open a login for one more device.

    - A wrong password and an unknown site id get the same answer after the same time, so that
      nobody can find out which accounts exist.
    - After failures, further attempts are delayed (`application.identity.sign_in_throttle`).
    - A password whose hash has outdated parameters is hashed anew.
    """

    _unit_of_work: UnitOfWork
    _passwords: Passwords
    _token_service: TokenService
    _throttle: SignInThrottle
    _telemetry: Telemetry

    async def execute(self, command: LogInCommand, address: str = "") -> SignedIn:
        """Open a login. `address` is the origin of the request. Unauthenticated
        (`invalid_credentials`) if the credentials are wrong, TooManyRequests (`sign_in_delayed`)
        after failures, Overloaded (`sign_in_busy`) if too many sign in."""
        async with self._throttle.attempt(command.site_id, address):
            account = await self._check(command, address)
        while True:
            renewed = await self._renewed_hash(account, command.password, address)
            opening = partial(self._open, account=account, renewed=renewed)
            signed_in = await self._unit_of_work.write(opening)
            if signed_in is not None:
                return signed_in
            account = await self._check(command, address)

    def _open(self, stores: Stores, account: Account, renewed: str | None) -> SignedIn | None:
        """None if the password was replaced since it was verified. A login that is opened after
        that would outlive the change of the password, which ends all logins."""
        present = stores.accounts.lock(account.user_id)
        if present is None or present.password_hash != account.password_hash:
            return None
        if renewed is not None:
            stores.accounts.replace_password_hash(
                account.user_id, old=account.password_hash, new=renewed
            )
            logger.debug("password hash renewed", extra={"user": account.user_id})
        return self._token_service.open(stores, present)

    async def _check(self, command: LogInCommand, address: str) -> Account:
        account = await self._unit_of_work.read(
            lambda stores: stores.accounts.by_site_id(command.site_id)
        )
        password_hash = None if account is None else account.password_hash
        valid = await self._passwords.verify(command.password, password_hash, address)
        if account is None or not valid:
            self._telemetry.count(Counted.REFUSED_SIGN_INS, "invalid_credentials")
            logger.info(
                "sign-in refused",
                extra={"user": None if account is None else account.user_id},
            )
            raise Unauthenticated("unknown site id or wrong password", code="invalid_credentials")
        return account

    async def _renewed_hash(self, account: Account, password: str, address: str) -> str | None:
        """A hash with the parameters of today; None if it has them, or if there is too much else to
        do."""
        if not self._passwords.is_outdated(account.password_hash):
            return None
        try:
            return await self._passwords.hash(password, address)
        except Overloaded:
            return None
