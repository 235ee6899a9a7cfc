"""What a session asks of the journal, and what it gets."""

from collections.abc import Sequence

from attrs import frozen

from application.frames.control_frames import NotRecovered, StateData
from application.frames.position import Position
from application.ports.storage.journal import JournalEntry
from application.ports.storage.stores import Stores
from application.sync.player_state import read_state


@frozen(kw_only=True)
class PageRequest:
    """What follows `after`, as much as fits into `max_bytes`. Without `after`, or where the
    journal cannot go on from there: the head, and with `with_state` the state at it."""

    user_id: int
    after: Position | None
    max_bytes: int
    with_state: bool


@frozen(kw_only=True)
class Page:
    """Either entries that follow the position asked for, or (`restart`) a fresh start at `head`;
    never a part of both. `reason` says why a position could not be continued."""

    epoch: str
    head: int
    entries: Sequence[JournalEntry] = ()
    restart: bool = False
    reason: NotRecovered | None = None
    state: StateData | None = None


def read_page(stores: Stores, request: PageRequest) -> Page:
    """Answer a request; all of it must come from one consistent snapshot of the database."""
    epoch = stores.journal.epoch()
    head = stores.journal.head(request.user_id)
    after = request.after
    reason = _obstacle(after, epoch, head.seq, head.trimmed_through) if after else None
    if after and not reason:
        entries = stores.journal.page(request.user_id, after.seq, request.max_bytes)
        return Page(epoch=epoch, head=head.seq, entries=entries)
    state = read_state(stores, request.user_id) if request.with_state else None
    return Page(epoch=epoch, head=head.seq, restart=True, reason=reason, state=state)


def _obstacle(after: Position, epoch: str, head: int, trimmed_through: int) -> NotRecovered | None:
    if after.epoch != epoch:
        return NotRecovered.NEW_EPOCH
    if after.seq > head:
        return NotRecovered.FROM_FUTURE
    if after.seq < trimmed_through:
        return NotRecovered.TRIMMED
    return None
