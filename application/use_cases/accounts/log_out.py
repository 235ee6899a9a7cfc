"""Sign out."""

from attrs import frozen

from application.cluster.messages import LoginRevoked
from application.ports.clock import Clock
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from application.transactions.command import Result
from domain.broadcaster import Broadcaster


@frozen(kw_only=True)
class LogOutCommand:
    """`everywhere`: all logins of the user instead of the caller's own."""

    everywhere: bool = False


@frozen
class LogOut:
    """End the caller's login, or all of the user's.

    - Access and refresh tokens of an ended login work nowhere any more, and its sockets are
      closed on every node.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock
    _broadcaster: Broadcaster

    async def execute(self, caller: Caller, command: LogOutCommand) -> Result:
        """Revoke, and tell all nodes."""
        now = self._clock.now()
        if command.everywhere:
            ended = await self._unit_of_work.write(
                lambda stores: stores.logins.revoke_all(caller.user_id, now)
            )
        else:
            await self._unit_of_work.write(
                lambda stores: stores.logins.revoke(caller.login_id, now)
            )
            ended = [caller.login_id]
        for login_id in ended:
            self._broadcaster.publish(LoginRevoked(login_id))
        return Result()
