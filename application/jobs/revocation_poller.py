"""Learn of logins that were revoked elsewhere."""

from datetime import timedelta

from attrs import frozen

from application.hub.hub import Hub
from application.identity.revocations import Revocations
from application.identity.token_service import TokenLifetimes
from application.ports.clock import Clock
from application.ports.storage.unit_of_work import UnitOfWork

LOOK_BACK = timedelta(minutes=1)
"""Covers clocks that differ between nodes, and slow commits."""


@frozen
class RevocationPoller:
    """Run at start and periodically: a revocation holds even if the broker lost its message.

    - At start, everything that may still have a valid access token is learned.
    - Later, only what is new; its sockets are closed.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock
    _hub: Hub
    _revocations: Revocations
    _lifetimes: TokenLifetimes

    async def learn_all(self) -> None:
        await self._learn(self._lifetimes.access + LOOK_BACK)

    async def execute(self) -> None:
        await self._learn(LOOK_BACK)

    async def _learn(self, back: timedelta) -> None:
        since = self._clock.now() - back
        revoked = await self._unit_of_work.read(lambda stores: stores.logins.revoked_since(since))
        for login_id in self._revocations.unknown(revoked):
            self._hub.end_login(login_id)
