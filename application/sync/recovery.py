"""Recovery: what a session asks of the journal, and what it gets.

A page either continues a position or starts afresh; it is never a partial recovery.
"""

from collections.abc import Sequence

from attrs import frozen

from application.connections.read_request import ReadRequest
from application.frames.control_frames import NotRecovered
from application.frames.position import Position
from application.frames.state_data import StateData
from application.ports.storage.journal import JournalEntry
from application.ports.storage.stores import Stores
from application.sync.player_state import StateReader


@frozen(kw_only=True)
class Page:
    """Either the entries that follow the requested position, or (`restart`) a fresh start at
    `head`. `reason` says why a position could not be continued."""

    epoch: str
    head: int
    entries: Sequence[JournalEntry] = ()
    restart: bool = False
    reason: NotRecovered | None = None
    state: StateData | None = None


@frozen(kw_only=True)
class PageRequest(ReadRequest):
    """What follows `after`, as much as fits into `max_bytes`. Without `after`, or where the journal
    cannot go on from there: the head, and with a `state_reader` the state at it."""

    user_id: int
    after: Position | None
    max_bytes: int
    state_reader: StateReader | None

    def read(self, stores: Stores) -> Page:
        """All of a page comes from one consistent snapshot of the database."""
        epoch = stores.journal.epoch()
        head = stores.journal.head(self.user_id)
        reason = None
        if self.after is not None:
            reason = _obstacle(self.after, epoch, head.seq, head.trimmed_through)
            if reason is None:
                entries = stores.journal.page(self.user_id, self.after.seq, self.max_bytes)
                return Page(epoch=epoch, head=head.seq, entries=entries)
        reader = self.state_reader
        state = None if reader is None else reader.read(stores, self.user_id)
        return Page(epoch=epoch, head=head.seq, restart=True, reason=reason, state=state)


def _obstacle(after: Position, epoch: str, head: int, trimmed_through: int) -> NotRecovered | None:
    if after.epoch != epoch:
        return NotRecovered.NEW_EPOCH
    if after.seq > head:
        return NotRecovered.FROM_FUTURE
    if after.seq < trimmed_through:
        return NotRecovered.TRIMMED
    return None
