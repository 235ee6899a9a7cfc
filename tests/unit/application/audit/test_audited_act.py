"""An act and its entry: one transaction where the act has one, and always an entry."""

from typing import Any

import pytest

from application.audit.audit_log import AuditLog
from application.audit.audit_queue import AuditQueue
from application.audit.audited_act import AuditedUnitOfWork, AuditTrail
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import StorageUnavailable
from domain.audit import AuditChain, AuditRecord
from domain.errors import Conflict
from tests.support.audit import SECRET, a_record
from tests.support.direct_unit_of_work import DirectUnitOfWork
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.stepping import FakeClock, finish


class Desk:
    """A unit of work for operators, and the entries that were written."""

    def __init__(self) -> None:
        self.database = DirectUnitOfWork()
        telemetry = RecordingTelemetry()
        log = AuditLog(self.database, AuditChain([SECRET]), telemetry)
        self.queue = AuditQueue(log, FakeClock(), telemetry)
        self.trail = AuditTrail(log, self.queue)
        self.unit_of_work = AuditedUnitOfWork(self.database, log)

    def outcomes(self) -> list[str]:
        entries = self.database.now(lambda stores: stores.audit.page(0, 100))
        return [entry.record.outcome for entry in entries]

    def run(self, action: Any) -> Any:
        return finish(self.trail.run(describe, action))


def describe(outcome: str) -> AuditRecord:
    return a_record(outcome=outcome)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def renew(stores: Stores) -> None:
    stores.journal.renew("another")


def test_the_first_transaction_holds_the_entry(desk: Desk) -> None:
    """There is one entry, however many transactions there are."""

    async def act() -> None:
        await desk.unit_of_work.write(renew)
        assert desk.outcomes() == ["ok"]
        await desk.unit_of_work.write(renew)

    desk.run(act())
    assert desk.outcomes() == ["ok"]


def test_without_the_entry_there_is_no_act(desk: Desk) -> None:
    """If the entry cannot be written, the act is rolled back."""

    def break_log(stores: Any) -> None:
        renew(stores)
        stores.audit = None

    async def act() -> None:
        await desk.unit_of_work.write(break_log)

    with pytest.raises(AttributeError):
        desk.run(act())
    assert desk.database.now(lambda stores: stores.journal.epoch()) == "test-epoch"


def test_an_act_without_a_transaction_gets_its_entry_at_its_end(desk: Desk) -> None:
    async def act() -> str:
        await desk.unit_of_work.read(lambda stores: stores.journal.epoch())
        assert desk.outcomes() == []
        return "done"

    assert desk.run(act()) == "done"
    assert desk.outcomes() == ["ok"]


def test_a_refused_act_gets_an_entry(desk: Desk) -> None:
    """Its transaction is rolled back, with the entry of a success."""

    def refuse(_: Stores) -> None:
        raise Conflict("no", code="not_now")

    with pytest.raises(Conflict):
        desk.run(desk.unit_of_work.write(refuse))
    assert desk.outcomes() == ["not_now"]


def test_an_act_that_fails_halfway_has_two_entries(desk: Desk) -> None:
    """What it did, and how it ended."""

    async def act() -> None:
        await desk.unit_of_work.write(renew)
        raise Conflict("no", code="not_now")

    with pytest.raises(Conflict):
        desk.run(act())
    assert desk.outcomes() == ["ok", "not_now"]


def test_outside_of_an_act_nothing_is_written(desk: Desk) -> None:
    finish(desk.unit_of_work.write(renew))
    assert desk.outcomes() == []


def test_an_entry_waits_for_the_database(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that needs no database succeeds while it is away; its entry is written later."""

    async def away(_: object) -> None:
        raise StorageUnavailable("away")

    async def act() -> str:
        return "done"

    with monkeypatch.context() as patch:
        patch.setattr(AuditLog, "write", lambda _self, records: away(records))
        assert desk.run(act()) == "done"
    finish(desk.queue.flush())
    assert desk.outcomes() == ["ok"]
