"""SQLite unit of work: group commit on one writer thread, and a few reader threads.

SQLite allows one writer at a time, and most of the time of a commit is the fsync at its end. So the
work that arrives during a commit is queued, and the whole queue is committed as one group: one
BEGIN IMMEDIATE, each piece of work within its own savepoint, one COMMIT, one fsync.

- Isolation within a group: an exception in one piece of work rolls back to its savepoint only. If
  BEGIN or COMMIT fails, the whole group fails.
- Durability: `write` returns after the COMMIT of its group (WAL, synchronous=FULL).
- Order: results are set on the event loop in commit order. The next group starts only after that.
- Cost: two thread hops per group, regardless of the number of statements.

Readers use connections of their own; in WAL mode they do not block the writer.
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

GROUP_LIMIT = 64
"""Limit of pieces of work per commit; bounds how long the first one waits for the last."""

READERS = 2
"""Number of reader threads, each with a connection."""


@frozen(eq=False)
class _PendingWrite:
    work: Work[Any]
    result: "asyncio.Future[Any]"


class SqliteUnitOfWork(UnitOfWork):
    """See the module docstring. One event loop uses it, between `start` and `stop`."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._queue: deque[_PendingWrite] = deque()
        self._idle = asyncio.Event()
        self._idle.set()
        self._outages = OutageLog()

    async def start(self) -> None:
        """Start the threads and open their connections."""
        self._loop = asyncio.get_running_loop()
        self._writer_thread = ThreadPoolExecutor(1, "sqlite-writer")
        self._reader_threads = ThreadPoolExecutor(READERS, "sqlite-reader")
        self._writer = sqlite_connection(self._url)
        self._readers: SimpleQueue[SqliteConnection] = SimpleQueue()
        for _ in range(READERS):
            self._readers.put(sqlite_connection(self._url))

    async def stop(self) -> None:
        """Wait until queued writes are committed, then close everything."""
        while not self._idle.is_set():
            await self._idle.wait()
        await asyncio.to_thread(self._writer_thread.shutdown)
        await asyncio.to_thread(self._reader_threads.shutdown)
        self._writer.driver.close()
        while not self._readers.empty():
            self._readers.get().driver.close()

    async def write(self, work: Work[T]) -> T:
        result: asyncio.Future[T] = self._loop.create_future()
        self._queue.append(_PendingWrite(work, result))
        self._write_next_group()
        return await result

    async def read(self, work: Work[T]) -> T:
        try:
            result = await self._loop.run_in_executor(self._reader_threads, self._read, work)
        except StorageUnavailable as error:
            self._outages.failed(error)
            raise
        self._outages.succeeded()
        return result

    def _write_next_group(self) -> None:
        """On the event loop: pass the queue to the writer thread if it is idle."""
        if not (self._idle.is_set() and self._queue):
            return
        self._idle.clear()
        group = [self._queue.popleft() for _ in range(min(len(self._queue), GROUP_LIMIT))]
        self._writer_thread.submit(self._write_group, group)

    def _write_group(self, group: list[_PendingWrite]) -> None:
        """On the writer thread: commit the group."""
        outcomes = _commit_group(self._writer, [pending.work for pending in group])
        self._loop.call_soon_threadsafe(self._set_results, group, outcomes)

    def _set_results(self, group: list[_PendingWrite], outcomes: list[Any]) -> None:
        """On the event loop: complete the writes in commit order, then start the next group."""
        self._idle.set()
        for pending, outcome in zip(group, outcomes, strict=True):
            if pending.result.cancelled():
                continue
            if isinstance(outcome, _Failure):
                pending.result.set_exception(outcome.error)
                if isinstance(outcome.error, Exception):
                    self._outages.failed(outcome.error)
            else:
                pending.result.set_result(outcome)
                self._outages.succeeded()
        self._write_next_group()

    def _read(self, work: Work[T]) -> T:
        """On a reader thread: run the work in a read transaction, which is one snapshot."""
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
class _Failure:
    """The exception of a piece of work, as its outcome."""

    error: BaseException


def _commit_group(connection: SqliteConnection, works: list[Work[Any]]) -> list[Any]:
    """Run and commit all work; return the result or the _Failure of each piece.

    A failure of the transaction itself is the outcome of every piece.
    """
    try:
        connection.driver.execute("BEGIN IMMEDIATE")
        outcomes = [_in_savepoint(connection, work) for work in works]
        connection.driver.execute("COMMIT")
    except BaseException as error:
        with suppress(Exception):  # the callers wait for an outcome in any case
            connection.driver.execute("ROLLBACK")
        failure = translated(error) if isinstance(error, Error) else error
        return [_Failure(failure)] * len(works)
    return outcomes


def _in_savepoint(connection: SqliteConnection, work: Work[Any]) -> Any:
    connection.driver.execute("SAVEPOINT work")
    try:
        outcome = _run(connection, work)
    except Exception as error:
        connection.driver.execute("ROLLBACK TO work")
        outcome = _Failure(error)
    connection.driver.execute("RELEASE work")
    return outcome


def _run(connection: SqliteConnection, work: Work[T]) -> T:
    """Run work. StopIteration, which a future cannot hold, becomes RuntimeError (as in PEP 479)."""
    try:
        return work(SqlStores(connection))
    except Error as error:
        raise translated(error) from error
    except StopIteration as error:
        raise RuntimeError("work raised StopIteration") from error
