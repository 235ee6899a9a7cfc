"""Change the password."""

import logging

from attrs import field, frozen

from application.cluster.messages import LoginRevoked
from application.hub.authority_news import AuthorityNews
from application.identity.sign_in_throttle import SignInThrottle
from application.ports.clock import Clock
from application.ports.common_passwords import CommonPasswords
from application.ports.passwords import Passwords
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.telemetry import Counted, Telemetry
from application.ports.tokens import Caller
from application.transactions.command import Result
from domain.account import Account
from domain.constraints import ShortText
from domain.errors import InvalidInput, Unauthenticated
from domain.passwords import check_new_password

logger = logging.getLogger("synchub.sign_in")


@frozen(kw_only=True)
class ChangePasswordCommand:
    """Both passwords."""

    current_password: ShortText = field(repr=False)
    new_password: ShortText = field(repr=False)


@frozen
class ChangePassword:
    """Replace the caller's password.

    - The current password must be right: a stolen token is not enough. Failures are delayed like
      those of sign-ins.
    - All other logins of the user end on all nodes, with their tokens and sockets; the caller's
      login goes on.
    - The new password follows the rules of sign-up.
    - A repeated request finds the new password in place already, and changes nothing.
    """

    _unit_of_work: UnitOfWork
    _passwords: Passwords
    _common_passwords: CommonPasswords
    _throttle: SignInThrottle
    _clock: Clock
    _news: AuthorityNews
    _telemetry: Telemetry

    async def execute(
        self, caller: Caller, command: ChangePasswordCommand, address: str = ""
    ) -> Result:
        """Replace it. InvalidInput if the current one is wrong, or if the new one violates its
        rules; see `LogIn` for TooManyRequests and Overloaded."""
        account, names = await self._unit_of_work.read(
            lambda stores: _account_and_names(stores, caller.user_id)
        )
        check_new_password(
            command.new_password, names, self._common_passwords.contain, "new_password"
        )
        async with self._throttle.attempt(account.site_id, address):
            if not await self._passwords.verify(
                command.current_password, account.password_hash, address
            ):
                await self._check_repeated(account, command.new_password, address)
                return Result()
        password_hash = await self._passwords.hash(command.new_password, address)
        revoked = await self._unit_of_work.write(
            lambda stores: self._replace(stores, account, caller.login_id, password_hash)
        )
        self._news.spread(map(LoginRevoked, revoked))
        logger.info(
            "password changed", extra={"user": caller.user_id, "ended_logins": len(revoked)}
        )
        return Result()

    async def _check_repeated(self, account: Account, password: str, address: str) -> None:
        """That the new password is in place. It counts as a guess of the current one, for it tells
        as much."""
        if not await self._passwords.verify(password, account.password_hash, address):
            self._telemetry.count(Counted.REFUSED_SIGN_INS, "wrong_current_password")
            raise _wrong_password()

    def _replace(
        self, stores: Stores, account: Account, login_id: str, password_hash: str
    ) -> list[str]:
        """The ended logins. If the password was changed meanwhile, the current one is not."""
        if not stores.accounts.replace_password_hash(
            account.user_id, old=account.password_hash, new=password_hash
        ):
            raise _wrong_password()
        return stores.logins.revoke_all(account.user_id, self._clock.now(), except_login=login_id)


def _account_and_names(stores: Stores, user_id: int) -> tuple[Account, tuple[str, str]]:
    account = stores.accounts.by_user_id(user_id)
    if account is None:
        raise Unauthenticated("the account does not exist", code="unknown_user")
    return account, (account.site_id, stores.players.get(user_id).nickname)


def _wrong_password() -> InvalidInput:
    """Not Unauthenticated: clients would take that for an expired token, refresh, and retry."""
    return InvalidInput("current_password", "is wrong")
