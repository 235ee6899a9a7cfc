"""Journal trimming: delete events that are beyond the retention.

Each user's journal is trimmed from its oldest entry, and the head's `trimmed_through` moves along
(a low watermark). A client that resumes from a position before it gets a fresh start with reason
`trimmed`, never a partial recovery.

Finding what to trim must not scan the journal. Entries beyond the retention's age are found by the
index on `created_at`. Journals with too many entries are found among the heads that moved since the
last run, because only those can have grown. Deletes are batched: a transaction deletes at most
BATCH rows and holds the lock of one user for a short time.
"""

import logging
from datetime import datetime, timedelta

from attrs import frozen

from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork

logger = logging.getLogger("synchub.jobs")

BATCH = 500
"""Limit of rows deleted per transaction, so that players do not wait for the lock."""

USERS_PER_RUN = 50
"""Limit of aged entries that are read per run to find the users to trim."""

SLACK = 1.1
"""A journal is trimmed when it exceeds the limit of events by 10 %, to trim in batches."""

IDEMPOTENCY_AGE = timedelta(days=1)
"""For how long an Idempotency-Key replays its first result."""


@frozen(kw_only=True)
class Retention:
    """The maximum age of events in the journal, and the maximum number of events per user."""

    age: timedelta
    events: int


class JournalTrimmer:
    """Run in the background by every node; concurrent runs are safe.

    - Entries older than the retention's age, or beyond its number of events, are deleted, oldest
      first.
    - Stored results of idempotency keys are deleted after a day.
    """

    def __init__(self, unit_of_work: UnitOfWork, clock: Clock, retention: Retention) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._retention = retention
        self._commit_txid: int | None = None

    async def execute(self) -> int:
        """Delete rows beyond the retention; return the number of deleted rows."""
        users = await self._unit_of_work.read(self._users_to_trim)
        entries = sum([await self._trim(user_id) for user_id in users])
        cutoff = self._clock.now() - IDEMPOTENCY_AGE
        results = await self._unit_of_work.write(
            lambda stores: stores.idempotency.delete_before(cutoff, BATCH)
        )
        if entries or results:
            logger.debug("trimmed", extra={"entries": entries, "idempotency_results": results})
        return entries + results

    def _users_to_trim(self, stores: Stores) -> set[int]:
        users = set(stores.journal.users_with_entries_before(self._cutoff, USERS_PER_RUN))
        moved = [] if self._commit_txid is None else stores.journal.moved_since(self._commit_txid)
        self._commit_txid = stores.journal.snapshot_xmin()
        limit = self._retention.events * SLACK
        return users.union(
            head.user_id for head in moved if head.seq - head.trimmed_through > limit
        )

    async def _trim(self, user_id: int) -> int:
        def trim_batch(stores: Stores) -> int:
            return stores.journal.trim(
                user_id, before=self._cutoff, keep=self._retention.events, limit=BATCH
            )

        total = trimmed = await self._unit_of_work.write(trim_batch)
        while trimmed == BATCH:
            trimmed = await self._unit_of_work.write(trim_batch)
            total += trimmed
        return total

    @property
    def _cutoff(self) -> datetime:
        """Entries from before this time are beyond the retention."""
        return self._clock.now() - self._retention.age
