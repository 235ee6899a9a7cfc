"""Forget what is too old to be resumed from."""

from datetime import datetime, timedelta

from attrs import frozen

from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork

STEP = 500
"""Rows forgotten in one transaction at most, so that no player waits for it."""

USERS_PER_LOOK = 50
SLACK = 1.1
"""A journal is trimmed once it exceeds its number of events by a tenth, not at every event."""

IDEMPOTENCY_AGE = timedelta(days=1)


@frozen(kw_only=True)
class Retention:
    """How long the journal keeps a user's events, and how many at most."""

    age: timedelta
    events: int


class JournalTrimmer:
    """Run in the background by every node; two doing it at once do no harm.

    - An entry that is older than the retention's age, or beyond its number of events, is
      forgotten, the oldest first. Whoever resumes from before gets a fresh state.
    - First results under idempotency keys are forgotten after a day.
    - Each transaction is small, and takes one user's lock for a moment.
    """

    def __init__(self, unit_of_work: UnitOfWork, clock: Clock, retention: Retention) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._retention = retention
        self._commit_txid: int | None = None

    async def execute(self) -> int:
        """Forget what has aged or grown too long since the last time; returns how many rows."""
        users = await self._unit_of_work.read(self._users_to_trim)
        forgotten = sum([await self._trim(user_id) for user_id in users])
        aged = self._clock.now() - IDEMPOTENCY_AGE
        return forgotten + await self._unit_of_work.write(
            lambda stores: stores.idempotency.forget_before(aged, STEP)
        )

    def _users_to_trim(self, stores: Stores) -> set[int]:
        users = set(stores.journal.users_with_entries_before(self._oldest, USERS_PER_LOOK))
        moved = [] if self._commit_txid is None else stores.journal.moved_since(self._commit_txid)
        self._commit_txid = stores.journal.snapshot_xmin()
        longest = self._retention.events * SLACK
        return users.union(
            head.user_id for head in moved if head.seq - head.trimmed_through > longest
        )

    async def _trim(self, user_id: int) -> int:
        def step(stores: Stores) -> int:
            return stores.journal.trim(
                user_id, before=self._oldest, keep=self._retention.events, limit=STEP
            )

        forgotten = trimmed = await self._unit_of_work.write(step)
        while trimmed == STEP:
            trimmed = await self._unit_of_work.write(step)
            forgotten += trimmed
        return forgotten

    @property
    def _oldest(self) -> datetime:
        return self._clock.now() - self._retention.age
