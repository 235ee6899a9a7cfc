"""Revocation poll: find logins that were revoked and accounts that changed on other nodes.

Both are broadcast, but a message may be lost. So every node periodically reads the recent ones,
and closes their sockets if it did not know of them. Polls overlap by LOOK_BACK, because
`revoked_at` and `changed_at` are the clock of another node and are set before the commit; what is
known already is filtered out in memory.
"""

from datetime import timedelta

from attrs import frozen

from application.cluster.messages import AccountChanged
from application.hub.hub import Hub
from application.identity.revocations import Revocations
from application.identity.token_service import TokenLifetimes
from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork

LOOK_BACK = timedelta(minutes=1)
"""Overlap of polls: tolerates clock skew between nodes and slow commits of up to a minute."""


@frozen
class RevocationPoller:
    """Run at start and periodically, so that revocation does not depend on the broker.

    - At start, load all revoked logins and changed accounts that may still have a valid access
      token.
    - Later, load the recent ones; sockets of logins revoked and accounts changed since the last
      poll are closed.
    """

    _unit_of_work: UnitOfWork
    _clock: Clock
    _hub: Hub
    _revocations: Revocations
    _lifetimes: TokenLifetimes

    async def learn_all(self) -> None:
        """Load everything that concerns unexpired tokens. Run before connections are accepted."""
        await self._learn(self._lifetimes.access + LOOK_BACK)

    async def execute(self) -> None:
        """Load what is recent, close the sockets of what is new to this node, and forget what is
        over."""
        await self._learn(LOOK_BACK)
        self._revocations.forget_expired()

    async def _learn(self, look_back: timedelta) -> None:
        since = self._clock.now() - look_back

        def read(stores: Stores) -> tuple[list[str], list[AccountChanged]]:
            changed = stores.accounts.changed_since(since)
            return stores.logins.revoked_since(since), [*map(AccountChanged.of, changed)]

        self._hub.learn(*await self._unit_of_work.read(read))
