"""Tell all devices to start afresh, after the database went back in time."""

from attrs import frozen

from application.ports.ids import Ids
from application.ports.storage.unit_of_work import UnitOfWork


@frozen
class RenewEpoch:
    """To be run once after a backup was restored, before nodes serve from it.

    - The journal then has numbers again that devices have seen other events under. Under a new
      epoch nobody resumes: every device gets a fresh state.
    """

    _unit_of_work: UnitOfWork
    _ids: Ids

    async def execute(self) -> str:
        """The new epoch."""
        epoch = self._ids.event_id().hex
        await self._unit_of_work.write(lambda stores: stores.journal.renew(epoch))
        return epoch
