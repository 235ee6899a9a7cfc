"""Read the audit log."""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from domain.audit import AuditEntry, AuditHead

MAX_ENTRIES = 200


@frozen(kw_only=True)
class EntryShown:
    """An entry of the audit log, with its number in the chain."""

    number: int
    at: datetime
    actor: str
    address: str
    request_id: str
    action: str
    target: str
    parameters: str
    outcome: str
    count: int
    seal: str


@frozen(kw_only=True)
class EntriesShown:
    """Entries in order. `head` is `<number>:<seal>` of the last entry of the log, to be noted and
    given to `synchub audit verify --head`."""

    entries: Sequence[EntryShown]
    head: str


@frozen
class ReadAuditLog:
    """Show entries of the audit log. Only for operators; reading it is an act, too."""

    _unit_of_work: UnitOfWork

    async def execute(self, after: int | None, limit: int) -> EntriesShown:
        """Up to `limit` entries that follow the number `after`; without it, the latest ones."""

        def read(stores: Stores) -> EntriesShown:
            head = stores.audit.head() or AuditHead()
            start = max(0, head.number - limit) if after is None else after
            entries = stores.audit.page(start, min(limit, MAX_ENTRIES))
            return EntriesShown(entries=[show_entry(entry) for entry in entries], head=str(head))

        return await self._unit_of_work.read(read)


def show_entry(entry: AuditEntry) -> EntryShown:
    """The fields of an entry, side by side."""
    record = entry.record
    return EntryShown(
        number=entry.number,
        at=record.at,
        actor=record.actor,
        address=record.address,
        request_id=record.request_id,
        action=record.action,
        target=record.target,
        parameters=record.parameters,
        outcome=record.outcome,
        count=record.count,
        seal=entry.seal,
    )
