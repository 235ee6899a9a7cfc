"""Sign out: revoke logins."""

import logging
from typing import Annotated

from attrs import frozen

from application.cluster.messages import AccountChanged, LoginRevoked
from application.hub.authority_news import AuthorityNews, News
from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from application.transactions.command import Result
from domain.constraints import Description

logger = logging.getLogger("synchub.sign_in")


@frozen(kw_only=True)
class LogOutCommand:
    """`everywhere`: end all logins of the user, not only the caller's own."""

    everywhere: Annotated[bool, Description("End all logins of the user, not only this one.")] = (
        False
    )


@frozen
class LogOut:
    """End the caller's login, or all logins of the user.

    - All nodes reject the access and refresh tokens of a revoked login and close its sockets.
    - A token of the external issuer has no login here: all that were issued until now are rejected,
      and other devices refresh their access tokens. `everywhere` includes them as well.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock
    _news: AuthorityNews

    async def execute(self, caller: Caller, command: LogOutCommand) -> Result:
        """Revoke the logins and notify all nodes."""
        news = await self._unit_of_work.write(
            lambda stores: self._end(stores, caller, everywhere=command.everywhere)
        )
        self._news.spread(news)
        logger.debug("signed out", extra={"user": caller.user_id, "logins": len(news)})
        return Result()

    def _end(self, stores: Stores, caller: Caller, *, everywhere: bool) -> list[News]:
        now, user_id = self._clock.now(), caller.user_id
        if everywhere:
            ended = stores.logins.revoke_all(user_id, now)
            change = AccountChanged(user_id, stores.accounts.raise_version(user_id))
            return [*map(LoginRevoked, ended), change]
        if stores.logins.revoke(caller.login_id, now):
            return [LoginRevoked(caller.login_id)]
        version = stores.accounts.raise_version(user_id)
        return [LoginRevoked(caller.login_id), AccountChanged(user_id, version, caller.role)]
