"""Writes the audit log, and watches that it only grows.

Entries form one chain over all nodes: the head is locked in the transaction that appends. Each node
also remembers the last head that it saw, and logs the head once a minute: against both, a log that
was cut at its end, or put back from an older copy, shows.
"""

import logging
from collections.abc import Sequence
from typing import TypeVar

from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork, Work
from application.ports.telemetry import Counted, Telemetry
from domain.audit import AuditChain, AuditHead, AuditRecord

T = TypeVar("T")

logger = logging.getLogger("synchub.audit")


class AuditLog:
    """One per node; see the module."""

    def __init__(self, unit_of_work: UnitOfWork, chain: AuditChain, telemetry: Telemetry) -> None:
        self._unit_of_work = unit_of_work
        self._chain = chain
        self._telemetry = telemetry
        self._seen = AuditHead()
        self._logged = AuditHead()

    async def run(self, work: Work[T], records: Sequence[AuditRecord]) -> T:
        """Run work and append the records, in one transaction."""
        seen = self._seen

        def audited(stores: Stores) -> tuple[T, AuditHead]:
            result = work(stores)
            head = stores.audit.lock_head()
            for record in records:
                entry = self._chain.entry(head, record)
                stores.audit.append(entry)
                head = entry.head
            return result, head

        result, head = await self._unit_of_work.write(audited)
        self._observe(seen, head, grown_by=len(records))
        return result

    async def write(self, records: Sequence[AuditRecord]) -> None:
        """Append the records, in a transaction of their own."""
        await self.run(lambda _: None, records)

    async def log_head(self) -> None:
        """Log the head if it has moved. A copy of the log lines that is out of reach of the
        database's administrators is an anchor for `synchub audit verify --head`."""
        seen = self._seen
        head = await self._unit_of_work.read(lambda stores: stores.audit.head()) or AuditHead()
        self._observe(seen, head)
        if head != self._logged:
            self._logged = head
            logger.info("the head of the audit log", extra={"head": str(head)})

    def _observe(self, seen: AuditHead, head: AuditHead, grown_by: int = 0) -> None:
        """Compare a head with one that was there before."""
        before = head.number - grown_by
        replaced = not grown_by and before == seen.number and head.seal != seen.seal
        if before < seen.number or replaced:
            self._telemetry.count(Counted.AUDIT_FAULTS, "entries_lost")
            logger.error("the audit log lost entries", extra={"was": str(seen), "is": str(head)})
            self._seen = head
        elif head.number > self._seen.number:
            self._seen = head
