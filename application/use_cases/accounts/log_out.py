"""Sign out: revoke logins."""

import logging

from attrs import frozen

from application.cluster.messages import LoginRevoked
from application.ports.clock import Clock
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from application.transactions.command import Result
from domain.broadcaster import Broadcaster

logger = logging.getLogger("synchub.sign_in")


@frozen(kw_only=True)
class LogOutCommand:
    """`everywhere`: end all logins of the user, not only the caller's own."""

    everywhere: bool = False


@frozen
class LogOut:
    """End the caller's login, or all logins of the user.

    - All nodes reject the access and refresh tokens of a revoked login and close its sockets.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock
    _broadcaster: Broadcaster

    async def execute(self, caller: Caller, command: LogOutCommand) -> Result:
        """Revoke the logins and notify all nodes."""
        now = self._clock.now()
        if command.everywhere:
            revoked = await self._unit_of_work.write(
                lambda stores: stores.logins.revoke_all(caller.user_id, now)
            )
        else:
            await self._unit_of_work.write(
                lambda stores: stores.logins.revoke(caller.login_id, now)
            )
            revoked = [caller.login_id]
        for login_id in revoked:
            self._broadcaster.publish(LoginRevoked(login_id))
        logger.debug("signed out", extra={"user": caller.user_id, "logins": len(revoked)})
        return Result()
