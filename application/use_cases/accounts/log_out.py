"""Sign out."""

from attrs import frozen

from application.cluster.messages import pack_revoked
from application.ports.clock import Clock
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from domain.broadcaster import Broadcaster


@frozen
class LogOut:
    """End the caller's login, or all of the user's.

    - Access and refresh tokens of an ended login work nowhere any more, and its sockets are
      closed on every node.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock
    _broadcaster: Broadcaster

    async def execute(self, caller: Caller, *, everywhere: bool = False) -> None:
        now = self._clock.now()
        if everywhere:
            ended = await self._unit_of_work.write(
                lambda stores: stores.logins.revoke_all(caller.user_id, now)
            )
        else:
            await self._unit_of_work.write(
                lambda stores: stores.logins.revoke(caller.login_id, now)
            )
            ended = [caller.login_id]
        for login_id in ended:
            self._broadcaster.publish(pack_revoked(login_id))
