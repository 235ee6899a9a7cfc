"""Revocation poll: find logins that were revoked on other nodes.

Revocations are broadcast, but a message may be lost. So every node periodically reads the logins
that were revoked recently, and closes their sockets if it did not know of them. Polls overlap by
LOOK_BACK, because `revoked_at` is the clock of another node and is set before the commit; logins
that are known already are filtered out in memory.
"""

import logging
from datetime import timedelta

from attrs import frozen

from application.hub.hub import Hub
from application.identity.revocations import Revocations
from application.identity.token_service import TokenLifetimes
from application.ports.clock import Clock
from application.ports.storage.unit_of_work import UnitOfWork

logger = logging.getLogger("synchub.jobs")

LOOK_BACK = timedelta(minutes=1)
"""Overlap of polls: tolerates clock skew between nodes and slow commits of up to a minute."""


@frozen
class RevocationPoller:
    """Run at start and periodically, so that revocation does not depend on the broker.

    - At start, load all revoked logins that may still have a valid access token.
    - Later, load the recent ones; sockets of logins revoked since the last poll are closed.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock
    _hub: Hub
    _revocations: Revocations
    _lifetimes: TokenLifetimes

    async def learn_all(self) -> None:
        """Load all revoked logins with unexpired tokens. Run before connections are accepted."""
        await self._learn(self._lifetimes.access + LOOK_BACK)

    async def execute(self) -> None:
        """Load recent revocations, and close the sockets of those that are new to this node."""
        await self._learn(LOOK_BACK)

    async def _learn(self, look_back: timedelta) -> None:
        since = self._clock.now() - look_back
        revoked = await self._unit_of_work.read(lambda stores: stores.logins.revoked_since(since))
        unknown = self._revocations.unknown(revoked)
        if unknown:
            logger.debug("found revoked logins", extra={"logins": len(unknown)})
        for login_id in unknown:
            self._hub.end_login(login_id)
