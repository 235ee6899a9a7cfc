"""Entries of the audit log that nobody waits for: refused attempts, and what the database missed.

Anybody can cause refused attempts, so they are bounded. In each minute, a node writes an entry each
for the first PER_MINUTE attempts, and for no more than PER_ADDRESS of one address. The others are
counted by action and outcome, and become one entry each with the count at the end of the minute. A
flood of any size thus costs at most PER_MINUTE entries a minute, and one for each action and
outcome. A job writes the entries about a second later, all of them in one transaction.
"""

import asyncio
from collections import Counter

from attrs import define, evolve, field

from application.audit.audit_log import AuditLog
from application.ports.clock import Clock
from application.ports.telemetry import Counted, Telemetry
from domain.audit import AuditRecord

WINDOW_S = 60.0
PER_MINUTE = 30
PER_ADDRESS = 10
MAX_WAITING = 1_000
"""Entries that wait for a database that is away; what comes then is counted only."""

SEVERAL = "several"


@define(eq=False)
class AuditQueue:
    """One per node; see the module."""

    _audit_log: AuditLog
    _clock: Clock
    _telemetry: Telemetry
    _waiting: list[AuditRecord] = field(factory=list)
    _counted: dict[tuple[str, str], AuditRecord] = field(factory=dict)
    _by_address: Counter[str] = field(factory=Counter)
    _window_ends: float = 0.0
    _flushing: asyncio.Lock = field(factory=asyncio.Lock)

    def add(self, record: AuditRecord) -> None:
        """An operator did something that is not in the log yet."""
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(record)
        else:
            self._count(record)

    def add_refused(self, record: AuditRecord) -> None:
        """Somebody was refused."""
        self._telemetry.count(Counted.REFUSED_OPERATOR_CALLS, record.outcome)
        self._turn_window()
        if self._by_address.total() < PER_MINUTE and self._by_address[record.address] < PER_ADDRESS:
            self._by_address[record.address] += 1
            self.add(record)
        else:
            self._count(record)

    async def flush(self) -> None:
        """Write what waits. What cannot be written stays for the next time."""
        async with self._flushing:
            self._turn_window()
            if records := list(self._waiting):
                await self._audit_log.write(records)
                del self._waiting[: len(records)]

    async def close(self) -> None:
        """Write everything, also what is still being counted."""
        self._window_ends = 0.0
        await self.flush()

    def _count(self, record: AuditRecord) -> None:
        key = record.action, record.outcome
        first = self._counted.get(key)
        if first is None:
            self._counted[key] = evolve(record, request_id="", target="", parameters="")
            return
        self._counted[key] = evolve(
            first,
            count=first.count + record.count,
            address=first.address if first.address == record.address else SEVERAL,
            actor=first.actor if first.actor == record.actor else SEVERAL,
        )

    def _turn_window(self) -> None:
        now = self._clock.monotonic()
        if now >= self._window_ends:
            self._window_ends = now + WINDOW_S
            self._by_address.clear()
            if len(self._waiting) < MAX_WAITING:
                self._waiting += self._counted.values()
                self._counted.clear()
