"""Login purge: delete logins that expired, in small steps."""

import logging
from datetime import timedelta

from attrs import frozen

from application.ports.clock import Clock
from application.ports.storage.unit_of_work import UnitOfWork

logger = logging.getLogger("synchub.jobs")

BATCH = 500
"""Limit of rows deleted per run and node, so that nobody waits for the lock."""

KEPT = timedelta(days=2)
"""For how long an expired login is kept: longer than an access token can live (a day), since nodes
that start read which logins were revoked."""


@frozen
class LoginPurge:
    """Run in the background by every node; concurrent runs are safe.

    - A login whose refresh token has expired, revoked or not, is deleted two days later. So a login
      lives in the database for at most its absolute end and these two days.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock

    async def execute(self) -> int:
        """Delete expired logins; return how many."""
        before = self._clock.now() - KEPT
        deleted = await self._unit_of_work.write(
            lambda stores: stores.logins.delete_expired(before, BATCH)
        )
        if deleted:
            logger.debug("deleted expired logins", extra={"logins": deleted})
        return deleted
