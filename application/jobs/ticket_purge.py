"""Ticket purge: tickets that nobody used."""

import logging

from attrs import frozen

from application.ports.clock import Clock
from application.ports.storage.unit_of_work import UnitOfWork

logger = logging.getLogger("synchub.jobs")


@frozen
class TicketPurge:
    """Run in the background by every node; concurrent runs are safe."""

    _unit_of_work: UnitOfWork
    _clock: Clock

    async def execute(self) -> int:
        """Delete expired tickets; return their number."""
        now = self._clock.now()
        deleted = await self._unit_of_work.write(lambda stores: stores.tickets.delete_expired(now))
        if deleted:
            logger.debug("purged tickets", extra={"tickets": deleted})
        return deleted
