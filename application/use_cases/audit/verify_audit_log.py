"""Verify that the audit log is whole."""

from attrs import frozen

from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from domain.audit import AuditChain, AuditEntry, AuditHead

PAGE = 500
"""Entries that are read in one transaction."""

BEFORE_ALL = -(2**63)
"""Numbers begin at 1, but somebody may have inserted an entry below."""


@frozen(kw_only=True)
class Verdict:
    """`flaw` is what is wrong with the entry `number`, the first one that is; None if the log is
    whole, up to `head`."""

    head: AuditHead
    number: int | None = None
    flaw: str | None = None


@frozen
class VerifyAuditLog:
    """Check every entry against its seal and the entry before it, and the last one against the
    head.

    - Whoever can write to the database can cut the log at its end and put the head back, and the
      rest is a whole chain. `noted`, a head that was printed or logged earlier, shows it: the log
      must still hold that entry.
    - Entries that are added meanwhile are left for the next time.
    """

    _unit_of_work: UnitOfWork
    _chain: AuditChain

    async def execute(self, noted: AuditHead | None = None) -> Verdict:
        """Read the whole log, in pages."""
        head, beyond = await self._unit_of_work.read(_head)
        if head is None:
            return Verdict(head=AuditHead(), number=0, flaw="the head is missing")
        last: AuditEntry | None = None
        while entries := await self._page(last, head):
            for entry in entries:
                flaw = self._chain.flaw(last, entry)
                if flaw is None and noted and noted.number == entry.number:
                    flaw = None if noted.seal == entry.seal else "its seal is not the noted one"
                if flaw is not None:
                    return Verdict(head=head, number=entry.number, flaw=flaw)
                last = entry
        end = AuditHead() if last is None else last.head
        flaw = None
        if beyond:
            flaw = "it is beyond the head"
        elif end != head:
            flaw = "the head is not the last entry"
        elif noted and noted.number > end.number:
            flaw = "the noted entry is missing"
        return Verdict(head=head, number=end.number + 1 if flaw else None, flaw=flaw)

    async def _page(self, last: AuditEntry | None, head: AuditHead) -> list[AuditEntry]:
        after = BEFORE_ALL if last is None else last.number
        entries = await self._unit_of_work.read(lambda stores: stores.audit.page(after, PAGE))
        return [entry for entry in entries if entry.number <= head.number]


def _head(stores: Stores) -> tuple[AuditHead | None, bool]:
    """The head, and whether there are entries beyond it."""
    head = stores.audit.head()
    return head, head is not None and bool(stores.audit.page(head.number, 1))
