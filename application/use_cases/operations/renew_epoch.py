"""Renew the epoch: force a fresh start of all devices after a backup was restored."""

import logging

from attrs import frozen

from application.ports.ids import Ids
from application.ports.storage.unit_of_work import UnitOfWork

logger = logging.getLogger("synchub.operators")


@frozen
class RenewEpoch:
    """Run once after a backup was restored, before nodes serve from it.

    - The restored journal will assign sequence numbers again that devices have seen with other
      events. Positions are valid within their epoch only, so with a new epoch no device resumes,
      and every one gets a fresh `initial_state`.
    """

    _unit_of_work: UnitOfWork
    _ids: Ids

    async def execute(self) -> str:
        """Set a new epoch and return it."""
        epoch = self._ids.event_id().hex
        await self._unit_of_work.write(lambda stores: stores.journal.renew(epoch))
        logger.info("the epoch was renewed", extra={"epoch": epoch})
        return epoch
