"""Close the connections of a user on all nodes."""

from typing import Annotated

from attrs import frozen

from application.hub.session_directory import SessionDirectory
from application.ports.storage.unit_of_work import UnitOfWork
from application.use_cases.users.inspect_user import Connections, connection_facts
from domain.constraints import Description


@frozen(kw_only=True)
class Disconnected(Connections):
    """What was closed, as it was before."""

    success: Annotated[bool, Description("Always true.")] = True


@frozen
class DisconnectUser:
    """Close a user's sockets and monitors. Only for operators.

    - Nothing is revoked: clients may return at once, with the same tokens, and continue.
    - Each node is told through the broker. If `answered` is less than `nodes`, somebody may still
      be connected there.
    """

    _unit_of_work: UnitOfWork
    _directory: SessionDirectory

    async def execute(self, user_id: int) -> Disconnected:
        """Close; a user who is not connected, or does not exist, is no error."""
        await self._unit_of_work.read(lambda _: None)  # refuses who is no operator any more
        found = await self._directory.find(user_id, close=True)
        return Disconnected(
            connections=connection_facts(found), nodes=found.nodes, answered=found.answered
        )
