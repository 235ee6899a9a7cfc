"""JournalReader: reads share transactions and do not affect each other."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from attrs import frozen

from application.connections.client_connection import ClientConnection, Peer
from application.connections.read_request import ReadRequest
from application.hub.journal_reader import BATCH, JournalReader
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import StorageUnavailable, Work
from application.sync.session import Mode
from domain.errors import NotFound
from tests.support.direct_unit_of_work import DirectUnitOfWork
from tests.support.recording_sink import RecordingSink
from tests.support.world import World

UNKNOWN_USER = 10**6


@pytest_asyncio.fixture
async def reader() -> AsyncIterator[JournalReader]:
    """Not started, so that reads pile up; stopped at the end."""
    database = DirectUnitOfWork()
    reader = JournalReader(database, workers=1)
    yield reader
    await reader.stop()
    await database.stop()


@frozen
class Request(ReadRequest):
    """Any piece of work."""

    work: Work[Any]

    def read(self, stores: Stores) -> Any:
        return self.work(stores)


class Asking(ClientConnection):
    """A connection that keeps the answer to its read."""

    __slots__ = ("answered",)

    kind = "test"

    def __init__(self) -> None:
        world = World()
        peer = Peer(connection_id="c", caller=world.caller(1), deadline=0.0, sink=RecordingSink())
        super().__init__(peer, world.container.environment(), Mode.OPENING, 0.0)
        self.answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def advance(self) -> ReadRequest | None:
        return None

    def _take(self, result: Any) -> ReadRequest | None:
        self.answered.set_result(result)
        return None

    def read_failed(self, error: Exception) -> None:
        self.answered.set_exception(error)


def ask(reader: JournalReader, work: Work[Any]) -> "asyncio.Future[Any]":
    """The answer to a read, or its failure."""
    connection = Asking()
    reader.submit(connection, Request(work))
    return connection.answered


def the_stores(stores: Stores) -> Stores:
    """Every transaction has stores of its own, so this tells which one it was."""
    return stores


def refused(stores: Stores) -> int:
    return stores.journal.head(UNKNOWN_USER).seq


def no_storage(stores: Stores) -> None:
    raise StorageUnavailable("away")


def broken(stores: Stores) -> None:
    raise ZeroDivisionError("a fault")


async def test_answers_a_read(reader: JournalReader) -> None:
    """The answer is what the work returned."""
    await reader.start()
    assert await ask(reader, lambda stores: stores.journal.epoch()) == "test-epoch"


async def test_answers_a_read_of_later(reader: JournalReader) -> None:
    """A worker goes on after its first batch."""
    await reader.start()
    first = await ask(reader, the_stores)
    second = await ask(reader, the_stores)
    assert first is not second


async def test_waiting_reads_share_a_transaction(reader: JournalReader) -> None:
    """A transaction has up to BATCH reads; the next read begins another one."""
    answers = [ask(reader, the_stores) for _ in range(BATCH + 1)]
    await reader.start()
    stores = await asyncio.gather(*answers)
    assert [s is stores[0] for s in stores] == [True] * BATCH + [False]


async def test_refusal_harms_no_other_read(reader: JournalReader) -> None:
    """Only the refused read fails, with its refusal."""
    answers = [ask(reader, work) for work in (the_stores, refused, the_stores)]
    await reader.start()
    first, refusal, last = await asyncio.gather(*answers, return_exceptions=True)
    assert isinstance(refusal, NotFound)
    assert first is last


async def test_without_storage_all_fail(
    reader: JournalReader, caplog: pytest.LogCaptureFixture
) -> None:
    """Each read fails, and nothing is logged, since every node would log it every second."""
    answers = [ask(reader, work) for work in (the_stores, no_storage, the_stores)]
    await reader.start()
    failures = await asyncio.gather(*answers, return_exceptions=True)
    assert [type(failure) for failure in failures] == [StorageUnavailable] * 3
    assert caplog.records == []


async def test_fault_is_logged_and_the_reader_goes_on(
    reader: JournalReader, caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected error fails its batch and is logged."""
    await reader.start()
    with pytest.raises(ZeroDivisionError):
        await ask(reader, broken)
    assert [(r.name, r.levelno) for r in caplog.records] == [
        ("synchub.journal_reader", logging.ERROR)
    ]
    assert await ask(reader, lambda stores: stores.journal.epoch()) == "test-epoch"


async def test_stop_ends_the_workers(reader: JournalReader) -> None:
    """No task is left after the stop."""
    before = asyncio.all_tasks()
    reader = JournalReader(DirectUnitOfWork(), workers=3)
    await reader.start()
    assert len(asyncio.all_tasks() - before) == 3
    await reader.stop()
    assert asyncio.all_tasks() == before
