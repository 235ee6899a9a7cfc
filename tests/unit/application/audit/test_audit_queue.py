"""Entries that nobody waits for: bounded, complete in number, kept while the database is away."""

import asyncio
from collections.abc import Sequence

import pytest

from application.audit.audit_log import AuditLog
from application.audit.audit_queue import MAX_WAITING, PER_ADDRESS, PER_MINUTE, AuditQueue
from application.ports.storage.unit_of_work import StorageUnavailable
from application.ports.telemetry import Counted
from domain.audit import AuditChain, AuditRecord
from tests.support.audit import SECRET, a_record
from tests.support.direct_unit_of_work import DirectUnitOfWork
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.stepping import FakeClock, finish


class FragileLog(AuditLog):
    """Its database may be away."""

    away = False

    async def write(self, records: Sequence[AuditRecord]) -> None:
        if self.away:
            raise StorageUnavailable("away")
        await super().write(records)


class Desk:
    """A queue with its clock, and the entries that were written."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.telemetry = RecordingTelemetry()
        self._database = DirectUnitOfWork()
        self.log = FragileLog(self._database, AuditChain([SECRET]), self.telemetry)
        self.queue = AuditQueue(self.log, self.clock, self.telemetry)

    def refuse(self, times: int = 1, address: str = "192.0.2.1", outcome: str = "x") -> None:
        for _ in range(times):
            record = a_record(actor="nobody", address=address, outcome=outcome)
            self.queue.add_refused(record)

    def flush(self) -> None:
        finish(self.queue.flush())

    def written(self) -> list[AuditRecord]:
        entries = self._database.now(lambda stores: stores.audit.page(0, 10_000))
        return [entry.record for entry in entries]

    def attempts(self) -> int:
        return sum(record.count for record in self.written())


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_each_attempt_is_an_entry(desk: Desk) -> None:
    """As long as there are few."""
    desk.refuse()
    desk.refuse(outcome="admin_only")
    desk.flush()
    assert [record.outcome for record in desk.written()] == ["x", "admin_only"]
    desk.flush()
    assert len(desk.written()) == 2


def test_a_flood_from_one_address_is_counted(desk: Desk) -> None:
    """Within the minute there are PER_ADDRESS entries; at its end, one with the others' number."""
    desk.refuse(times=5_000)
    desk.flush()
    assert len(desk.written()) == PER_ADDRESS
    desk.clock.advance(60)
    desk.flush()
    last = desk.written()[-1]
    assert (last.count, last.address, last.actor) == (5_000 - PER_ADDRESS, "192.0.2.1", "nobody")
    assert (last.target, last.parameters) == ("", "")
    assert desk.attempts() == 5_000
    assert desk.telemetry.counts[Counted.REFUSED_OPERATOR_CALLS, "x"] == 5_000


def test_a_flood_from_many_addresses_is_counted(desk: Desk) -> None:
    """Minute by minute the log grows by PER_MINUTE and one entry per outcome, and no number is
    lost."""
    for minute in range(3):
        for number in range(1_000):
            desk.refuse(address=f"2001:db8::{minute}:{number}", outcome=f"x{number % 2}")
            desk.flush()
        desk.clock.advance(60)
    desk.flush()
    assert len(desk.written()) == 3 * (PER_MINUTE + 2)
    assert desk.attempts() == 3_000
    assert desk.written()[-1].address == "several"


def test_the_next_minute_has_a_budget_of_its_own(desk: Desk) -> None:
    desk.refuse(times=PER_ADDRESS + 1)
    desk.clock.advance(60)
    desk.refuse()
    desk.flush()
    assert [record.count for record in desk.written()] == [1] * (PER_ADDRESS + 2)


def test_operators_are_not_crowded_out(desk: Desk) -> None:
    """What an operator does is an entry of its own, also during a flood."""
    desk.refuse(times=5_000)
    desk.queue.add(a_record(7))
    desk.flush()
    assert desk.written()[-1] == a_record(7)


def test_entries_wait_for_the_database(desk: Desk) -> None:
    """Nothing is lost or written twice; what comes beyond the limit is counted."""
    desk.log.away = True
    for _ in range(MAX_WAITING + 5):
        desk.queue.add(a_record(7))
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            desk.flush()
        desk.clock.advance(60)
    desk.log.away = False
    for _ in range(3):
        desk.flush()
        desk.clock.advance(60)
    assert desk.attempts() == MAX_WAITING + 5
    assert len(desk.written()) == MAX_WAITING + 1


async def test_two_flushes_write_each_entry_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one waits for the first."""
    write = desk.log.write

    async def slow_write(records: Sequence[AuditRecord]) -> None:
        await asyncio.sleep(0)
        await write(records)

    monkeypatch.setattr(desk.log, "write", slow_write)
    desk.refuse()
    await asyncio.gather(desk.queue.flush(), desk.queue.close())
    assert len(desk.written()) == 1


def test_the_end_writes_everything(desk: Desk) -> None:
    """Also what is still being counted."""
    desk.refuse(times=50)
    finish(desk.queue.close())
    assert desk.attempts() == 50
