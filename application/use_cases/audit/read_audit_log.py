"""Read the audit log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from attrs import frozen

from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from domain.audit import AuditEntry, AuditHead
from domain.constraints import Description

MAX_ENTRIES = 200


@frozen(kw_only=True)
class EntryShown:
    """An entry of the audit log, with its number in the chain."""

    number: Annotated[int, Description("The number of the entry, from 1, without a gap.")]
    at: Annotated[datetime, Description("When it happened.")]
    actor: Annotated[str, Description("Who acted, such as `user:7`.")]
    address: Annotated[str, Description("The address from which it was done.")]
    request_id: Annotated[str, Description("The id of the request in the log.")]
    action: Annotated[str, Description("What was called, such as `POST /api/admin/announce`.")]
    target: Annotated[str, Description("What it was done to, such as `user:9`.")]
    parameters: Annotated[str, Description("The parameters of the call, as JSON, without secrets.")]
    outcome: Annotated[str, Description("`ok`, or the code of the problem.")]
    count: Annotated[
        int, Description("The number of refused attempts that the entry stands for; else 1.")
    ]
    seal: Annotated[str, Description("Seals the entry and the one before it.")]


@frozen(kw_only=True)
class EntriesShown:
    """Entries in order. `head` is `<number>:<seal>` of the last entry of the log, to be noted and
    given to `synchub audit verify --head`."""

    entries: Annotated[
        Sequence[EntryShown], Description("The entries, in the order of their numbers.")
    ]
    head: Annotated[str, Description("`<number>:<seal>` of the last entry of the log.")]


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
