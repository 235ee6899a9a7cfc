"""Reads from the database what hints about logins and accounts are about, and applies it.

A hint that comes alone is read at once. After a read, the next one waits for PAUSE_S and then takes
all that has come meanwhile: so a node reads at most 20 times a second, however many hints a
stranger sends.
"""

import asyncio
import logging
from contextlib import suppress

from application.cluster.messages import AccountChanged
from application.hub.authority_hints import AuthorityHints, HintBatch
from application.hub.hub import Hub
from application.identity.token_service import TokenLifetimes
from application.jobs.revocation_poller import LOOK_BACK
from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork
from application.ports.telemetry import Counted, Telemetry

logger = logging.getLogger("synchub.jobs")

BATCH = 250
"""Users, and logins, of one read at most."""

PAUSE_S = 0.05


class HintReader:
    """Runs between `start` and `stop`. What cannot be read is left to the revocation poll."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        clock: Clock,
        hub: Hub,
        hints: AuthorityHints,
        lifetimes: TokenLifetimes,
        telemetry: Telemetry,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._hub = hub
        self._hints = hints
        self._kept = lifetimes.access + LOOK_BACK
        self._telemetry = telemetry
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to read."""
        self._running = asyncio.create_task(self._run(), name="hint reader")

    async def stop(self) -> None:
        """Give up what is being read."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    async def _run(self) -> None:
        while True:
            await self._hints.wait()
            try:
                await self.execute()
            except StorageUnavailable as error:
                logger.debug("hints are left to the poll", extra={"why": str(error)})
            except Exception:
                logger.exception("reading hints failed")
            await asyncio.sleep(PAUSE_S)

    async def execute(self) -> None:
        """Read and apply one batch."""
        batch = self._hints.take(BATCH)
        since = self._clock.now() - self._kept

        def read(stores: Stores) -> tuple[list[str], list[AccountChanged]]:
            accounts = stores.accounts.by_user_ids(batch.versions)
            # The logins of these users, too: their clients must sign in, not refresh.
            ended = stores.logins.revoked_among(batch.login_ids, batch.versions, since)
            return ended, [*map(AccountChanged.of, accounts)]

        ended, accounts = await self._unit_of_work.read(read)
        self._count_unconfirmed(batch, ended, accounts)
        self._hub.learn(ended, accounts)

    def _count_unconfirmed(
        self, batch: HintBatch, ended: list[str], accounts: list[AccountChanged]
    ) -> None:
        true_versions = {account.user_id: account.version for account in accounts}
        false = len(batch.login_ids.difference(ended)) + sum(
            version > true_versions.get(user_id, 0) for user_id, version in batch.versions.items()
        )
        if false:
            self._telemetry.count(Counted.DROPPED_MESSAGES, "unconfirmed", false)
