"""Transactions on SQLite: one writing thread that groups commits, and a few that read.

SQLite allows one writer at a time anyway, and its time goes to the sync at the end of a commit.
So whatever waits when the writer becomes free is committed together, each piece of work within a
savepoint of its own. A piece of work costs one thread hop, however many statements it has.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from sqlite3 import Error
from typing import Any, TypeVar

from attrs import frozen
from sqlalchemy import URL

from adapters.outbound.sql.connections import SqliteConnection
from adapters.outbound.sql.engines import sqlite_connection
from adapters.outbound.sql.failures import translated
from adapters.outbound.sql.outage_log import OutageLog
from adapters.outbound.sql.stores import SqlStores
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork, Work

T = TypeVar("T")

GROUP = 64
"""Pieces of work committed together at most."""

READERS = 2


@frozen(eq=False)
class _Job:
    work: Work[Any]
    answer: "asyncio.Future[Any]"


class SqliteUnitOfWork(UnitOfWork):
    """Used by one event loop, between `start` and `stop`."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._waiting: deque[_Job] = deque()
        self._idle = asyncio.Event()
        self._idle.set()
        self._outages = OutageLog()

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._writer_thread = ThreadPoolExecutor(1, "sqlite-writer")
        self._reader_threads = ThreadPoolExecutor(READERS, "sqlite-reader")
        self._writer = sqlite_connection(self._url)
        self._readers: SimpleQueue[SqliteConnection] = SimpleQueue()
        for _ in range(READERS):
            self._readers.put(sqlite_connection(self._url))

    async def stop(self) -> None:
        """Finish what was begun, then close."""
        while not self._idle.is_set():
            await self._idle.wait()
        await asyncio.to_thread(self._writer_thread.shutdown)
        await asyncio.to_thread(self._reader_threads.shutdown)
        self._writer.driver.close()
        while not self._readers.empty():
            self._readers.get().driver.close()

    async def write(self, work: Work[T]) -> T:
        answer: asyncio.Future[T] = self._loop.create_future()
        self._waiting.append(_Job(work, answer))
        self._write_next_group()
        return await answer

    async def read(self, work: Work[T]) -> T:
        try:
            result = await self._loop.run_in_executor(self._reader_threads, self._read, work)
        except StorageUnavailable as error:
            self._outages.failed(error)
            raise
        self._outages.succeeded()
        return result

    def _write_next_group(self) -> None:
        """On the loop: hand the writer what waits, if it has nothing to do."""
        if not (self._idle.is_set() and self._waiting):
            return
        self._idle.clear()
        group = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP))]
        self._writer_thread.submit(self._write_group, group)

    def _write_group(self, group: list[_Job]) -> None:
        """On the writer's thread."""
        outcomes = _commit_together(self._writer, [job.work for job in group])
        self._loop.call_soon_threadsafe(self._answer, group, outcomes)

    def _answer(self, group: list[_Job], outcomes: list[Any]) -> None:
        """On the loop, in the order of the commits."""
        self._idle.set()
        for job, outcome in zip(group, outcomes, strict=True):
            if job.answer.cancelled():
                continue
            if isinstance(outcome, _Refused):
                job.answer.set_exception(outcome.error)
                if isinstance(outcome.error, Exception):
                    self._outages.failed(outcome.error)
            else:
                job.answer.set_result(outcome)
                self._outages.succeeded()
        self._write_next_group()

    def _read(self, work: Work[T]) -> T:
        """On a reader's thread."""
        connection = self._readers.get()
        try:
            connection.driver.execute("BEGIN")
            try:
                return _run(connection, work)
            finally:
                connection.driver.execute("ROLLBACK")
        except Error as error:
            raise translated(error) from error
        finally:
            self._readers.put(connection)


@frozen
class _Refused:
    error: BaseException


def _commit_together(connection: SqliteConnection, works: list[Work[Any]]) -> list[Any]:
    """The result of each piece of work or what it raised, all of the former committed.

    If the database itself fails, so do all.
    """
    try:
        connection.driver.execute("BEGIN IMMEDIATE")
        outcomes = [_in_savepoint(connection, work) for work in works]
        connection.driver.execute("COMMIT")
    except BaseException as error:
        with suppress(Exception):  # somebody waits for the outcome
            connection.driver.execute("ROLLBACK")
        refused = translated(error) if isinstance(error, Error) else error
        return [_Refused(refused)] * len(works)
    return outcomes


def _in_savepoint(connection: SqliteConnection, work: Work[Any]) -> Any:
    connection.driver.execute("SAVEPOINT work")
    try:
        outcome = _run(connection, work)
    except Exception as error:
        connection.driver.execute("ROLLBACK TO work")
        outcome = _Refused(error)
    connection.driver.execute("RELEASE work")
    return outcome


def _run(connection: SqliteConnection, work: Work[T]) -> T:
    """StopIteration, which no future can carry, becomes a RuntimeError as in a coroutine."""
    try:
        return work(SqlStores(connection))
    except Error as error:
        raise translated(error) from error
    except StopIteration as error:
        raise RuntimeError("work raised StopIteration") from error
