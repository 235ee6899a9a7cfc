"""AuditStore, and what `VerifyAuditLog` finds in the tables."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import attrs
import pytest
import pytest_asyncio
from sqlalchemy import Executable, delete, insert, select, text, update

from adapters.outbound.sql.tables import audit_head, audit_log
from application.audit.audit_log import AuditLog
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.telemetry import Counted
from application.use_cases.audit.verify_audit_log import Verdict, VerifyAuditLog
from domain.audit import AuditChain, AuditEntry, AuditHead
from tests.support.audit import SECRET, a_record
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.storage import Storage

CHAIN = AuditChain([SECRET])


def audit_log_on(unit_of_work: UnitOfWork) -> AuditLog:
    return AuditLog(unit_of_work, CHAIN, RecordingTelemetry())


async def verdict(storage: Storage, noted: AuditHead | None = None) -> Verdict:
    return await VerifyAuditLog(storage.unit_of_work, CHAIN).execute(noted)


async def entries(storage: Storage) -> list[AuditEntry]:
    return await storage.read(lambda stores: stores.audit.page(-10, 1_000))


async def alter(storage: Storage, *statements: Executable) -> None:
    """Change the tables as somebody who has the database can."""

    def work(stores: Any) -> None:
        for statement in statements:
            stores._connection.execute(statement)

    await storage.write(work)


@pytest_asyncio.fixture
async def log(storage: Storage) -> AsyncIterator[Storage]:
    """A database without triggers, and with an empty log again afterwards."""
    await drop_triggers(storage)
    yield storage
    await alter(storage, delete(audit_log), delete(audit_head))
    await alter(storage, insert(audit_head).values(only_one=True, number=0, seal=""))


async def drop_triggers(storage: Storage) -> None:
    dialect = await storage.read(dialect_of)
    if dialect == "postgresql":
        for table in ("audit_log", "audit_head"):
            await alter(storage, text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    else:
        for name in ("log_no_update", "log_no_delete", "head_no_delete", "head_no_return"):
            await alter(storage, text(f"DROP TRIGGER IF EXISTS audit_{name}"))


def dialect_of(stores: Any) -> str:
    return str(stores._connection.statements.dialect.name)


async def test_entries_read_as_they_were_written(log: Storage) -> None:
    """In order, with the head at the last one, and the chain is whole."""
    records = [a_record(number, parameters='{"note": "für 玩家 🎰"}') for number in range(3)]
    await audit_log_on(log.unit_of_work).write(records)
    written = await entries(log)
    assert [entry.record for entry in written] == records
    assert [entry.number for entry in written] == [1, 2, 3]
    assert await log.read(lambda stores: stores.audit.head()) == written[-1].head
    assert await log.read(lambda stores: stores.audit.page(1, 1)) == written[1:2]
    assert await verdict(log) == Verdict(head=written[-1].head)


async def test_an_empty_log_is_whole(log: Storage) -> None:
    assert await verdict(log) == Verdict(head=AuditHead())


async def test_work_and_entry_are_one_transaction(log: Storage) -> None:
    """Work that is refused leaves no entry."""

    def refuse(_: Stores) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await audit_log_on(log.unit_of_work).run(refuse, [a_record()])
    assert await entries(log) == []


async def test_concurrent_writers_do_not_fork_the_chain(log: Storage) -> None:
    """Many at once, of several nodes: every record is in the one chain."""
    nodes = [audit_log_on(log.unit_of_work) for _ in range(3)]
    await asyncio.gather(*(nodes[n % 3].write([a_record(n)]) for n in range(30)))
    actors = sorted(entry.record.actor for entry in await entries(log))
    assert actors == sorted(f"user:{number}" for number in range(30))
    assert (await verdict(log)).flaw is None


async def test_the_next_writer_waits_for_the_head(overlapping: Storage, log: Storage) -> None:
    """Whoever has locked the head appends first."""
    if log.answers_in_order:
        pytest.skip("it has one writer at a time in any case")
    second: list[asyncio.Task[None]] = []

    def lock(stores: Stores) -> None:
        stores.audit.lock_head()
        log.meanwhile(start_second())

    async def start_second() -> None:
        write = audit_log_on(log.unit_of_work).write([a_record(2)])
        second.append(asyncio.create_task(write))
        await asyncio.wait(second, timeout=0.2)
        assert not second[0].done()

    await audit_log_on(log.unit_of_work).run(lock, [a_record(1)])
    await second[0]
    assert [entry.record.actor for entry in await entries(log)] == ["user:1", "user:2"]


COLUMNS: list[tuple[str, Any]] = [
    ("number", 40),
    ("at", 1),
    ("actor", "nobody"),
    ("address", "192.0.2.2"),
    ("request_id", ""),
    ("action", "POST /api/admin/other"),
    ("target", "user_id=9"),
    ("parameters", "{}"),
    ("outcome", "admin_only"),
    ("count", 2),
    ("key_id", "0" * 12),
    ("seal", "0" * 64),
]


def test_every_column_is_tried() -> None:
    assert {name for name, _ in COLUMNS} == {column.name for column in audit_log.c}


@pytest.mark.parametrize("row", [1, 2, 4])
@pytest.mark.parametrize(("column", "value"), COLUMNS, ids=[name for name, _ in COLUMNS])
async def test_a_changed_row_is_found(log: Storage, row: int, column: str, value: object) -> None:
    """The first, one in the middle, the last: any change of any column."""
    await audit_log_on(log.unit_of_work).write([a_record(n) for n in range(4)])
    changed = update(audit_log).where(audit_log.c.number == row).values({column: value})
    await alter(log, changed)
    assert (await verdict(log)).number in (row, row + 1)
    assert (await verdict(log)).flaw


Tamper = Callable[[Storage], Awaitable[None]]


async def remove_first(storage: Storage) -> None:
    await alter(storage, delete(audit_log).where(audit_log.c.number == 1))


async def remove_middle(storage: Storage) -> None:
    await alter(storage, delete(audit_log).where(audit_log.c.number == 3))


async def remove_and_close_up(storage: Storage) -> None:
    await alter(
        storage,
        delete(audit_log).where(audit_log.c.number == 3),
        update(audit_log).where(audit_log.c.number == 4).values(number=3),
        update(audit_head).values(number=3),
    )


async def remove_last(storage: Storage) -> None:
    await alter(storage, delete(audit_log).where(audit_log.c.number == 4))


async def remove_all(storage: Storage) -> None:
    await alter(storage, delete(audit_log))


async def remove_head(storage: Storage) -> None:
    await alter(storage, delete(audit_head))


async def second_head(storage: Storage) -> None:
    await alter(storage, insert(audit_head).values(only_one=False, number=4, seal="x"))


async def move_head(storage: Storage) -> None:
    await alter(storage, update(audit_head).values(number=5))


async def swap(storage: Storage) -> None:
    numbers = audit_log.c.number
    await alter(
        storage,
        update(audit_log).where(numbers == 2).values(number=-2),
        update(audit_log).where(numbers == 3).values(number=2),
        update(audit_log).where(numbers == -2).values(number=3),
    )


async def insert_at(storage: Storage, number: int) -> None:
    copied = [column for column in audit_log.c if column.name != "number"]
    row = (await storage.rows(select(*copied).where(audit_log.c.number == 2))).one()
    await alter(storage, insert(audit_log).values(number=number, **row._asdict()))


async def insert_below(storage: Storage) -> None:
    await insert_at(storage, 0)


async def insert_beyond(storage: Storage) -> None:
    await insert_at(storage, 5)


async def insert_far_beyond(storage: Storage) -> None:
    await insert_at(storage, 500)


async def insert_between(storage: Storage) -> None:
    await alter(
        storage,
        update(audit_log).where(audit_log.c.number == 4).values(number=5),
        update(audit_log).where(audit_log.c.number == 3).values(number=4),
        update(audit_head).values(number=5),
    )
    await insert_at(storage, 3)


TAMPERINGS: list[tuple[Tamper, int]] = [
    (remove_first, 2),
    (remove_middle, 4),
    (remove_and_close_up, 3),
    (remove_last, 4),
    (remove_all, 1),
    (remove_head, 0),
    (second_head, 0),
    (move_head, 5),
    (swap, 2),
    (insert_below, 0),
    (insert_between, 3),
    (insert_beyond, 5),
    (insert_far_beyond, 5),
]


@pytest.mark.parametrize(
    ("tamper", "number"), TAMPERINGS, ids=[tamper.__name__ for tamper, _ in TAMPERINGS]
)
async def test_tampering_is_found(log: Storage, tamper: Tamper, number: int) -> None:
    """The first entry that is wrong is named."""
    await audit_log_on(log.unit_of_work).write([a_record(n) for n in range(4)])
    assert (await verdict(log)).flaw is None
    await tamper(log)
    found = await verdict(log)
    assert (found.number, bool(found.flaw)) == (number, True)


async def cut(storage: Storage, keep: int) -> None:
    """Cut the log at its end, and put the head back: what is left is a whole chain."""
    kept = (await entries(storage))[keep - 1]
    await alter(
        storage,
        delete(audit_log).where(audit_log.c.number > keep),
        update(audit_head).values(number=kept.number, seal=kept.seal),
    )


async def test_a_cut_tail_is_found_with_a_noted_head(log: Storage) -> None:
    """Without one it cannot be seen; with one it is, also when the log has grown again."""
    audit = audit_log_on(log.unit_of_work)
    await audit.write([a_record(n) for n in range(4)])
    noted = (await verdict(log)).head
    await cut(log, keep=2)
    assert (await verdict(log)).flaw is None
    assert await verdict(log, noted) == Verdict(
        head=(await entries(log))[-1].head, number=3, flaw="the noted entry is missing"
    )
    await audit.write([a_record(n) for n in range(5)])
    assert (await verdict(log)).flaw is None
    assert (await verdict(log, noted)).number == 4
    later = (await verdict(log)).head
    await audit.write([a_record(7)])
    assert (await verdict(log, later)).flaw is None


@pytest.mark.parametrize("grows", [True, False], ids=["next entry", "next look"])
async def test_a_running_node_notices_a_cut_tail(log: Storage, grows: bool) -> None:
    """It remembers the head: the next entry, or the next time it logs the head, shows it. Once."""
    telemetry = RecordingTelemetry()
    audit = AuditLog(log.unit_of_work, CHAIN, telemetry)
    await audit.write([a_record(n) for n in range(4)])
    await audit.log_head()
    assert not telemetry.counts
    await cut(log, keep=2)
    for _ in range(2):
        await (audit.write([a_record(5)]) if grows else audit.log_head())
        assert telemetry.total(Counted.AUDIT_FAULTS) == 1


async def test_a_replaced_last_entry_is_noticed(log: Storage) -> None:
    """The head has the same number, but another seal."""
    telemetry = RecordingTelemetry()
    audit = AuditLog(log.unit_of_work, CHAIN, telemetry)
    await audit.write([a_record(n) for n in range(4)])
    await cut(log, keep=3)
    await audit_log_on(log.unit_of_work).write([a_record(9)])
    await audit.log_head()
    assert telemetry.total(Counted.AUDIT_FAULTS) == 1


async def test_other_nodes_are_no_fault(log: Storage) -> None:
    """A head that others have moved is as it should be."""
    telemetry = RecordingTelemetry()
    one, other = AuditLog(log.unit_of_work, CHAIN, telemetry), audit_log_on(log.unit_of_work)
    for number in range(3):
        await one.write([a_record(number)])
        await other.write([a_record(number)])
        await one.log_head()
    assert not telemetry.counts


async def test_long_logs_are_read_in_pages(log: Storage) -> None:
    """A flaw beyond the first pages is found."""
    await audit_log_on(log.unit_of_work).write([a_record(n) for n in range(1_201)])
    assert (await verdict(log)).head.number == 1_201
    await alter(log, update(audit_log).where(audit_log.c.number == 1_100).values(outcome="x"))
    assert (await verdict(log)).number == 1_100


def test_records_have_all_columns() -> None:
    """Each field of a record is stored."""
    fields = {field.name for field in attrs.fields(type(a_record()))}
    assert fields | {"number", "key_id", "seal"} == {column.name for column in audit_log.c}
