"""Renew the epoch: a fresh start of all devices, and new seeds, after a backup was restored."""

import logging

from attrs import frozen

from application.ports.ids import Ids
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork

logger = logging.getLogger("synchub.operators")


@frozen
class RenewEpoch:
    """Run once after a backup was restored, before nodes serve from it.

    - The restored journal will assign sequence numbers again that devices have seen with other
      events. Positions are valid within their epoch only, so with a new epoch no device resumes,
      and every one gets a fresh `initial_state`.
    - Server seeds of the backup may have been revealed after it was made. So all players get new
      ones, and the commitments to the old ones are void.
    """

    _unit_of_work: UnitOfWork
    _ids: Ids

    async def execute(self) -> str:
        """Set a new epoch and return it."""
        epoch = self._ids.event_id().hex

        def renew(stores: Stores) -> None:
            stores.journal.renew(epoch)
            stores.players.forget_seeds()

        await self._unit_of_work.write(renew)
        logger.info("the epoch was renewed", extra={"epoch": epoch})
        return epoch
