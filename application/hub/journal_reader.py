"""Carries out what connections want to be read, many reads in one transaction.

A storm of resuming devices costs few transactions that way. One refused or broken read does not
harm the others of its batch.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from application.connections.client_connection import ClientConnection
from application.connections.read_request import ReadRequest
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork
from domain.errors import DomainError

logger = logging.getLogger("synchub.journal_reader")

BATCH = 64
"""Reads that share one transaction at most."""

Read = tuple[ClientConnection, ReadRequest]


class JournalReader:
    """Answers each request with exactly one call of `answer` or `read_failed`, on the event
    loop."""

    def __init__(self, unit_of_work: UnitOfWork, workers: int = 2) -> None:
        self._unit_of_work = unit_of_work
        self._workers = workers
        self._queue: asyncio.Queue[Read] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start the workers."""
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._workers)]

    async def stop(self) -> None:
        """Stop the workers; what they are reading is given up."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def submit(self, connection: ClientConnection, request: ReadRequest | None) -> None:
        """Carry out a request soon, and whatever request its answer leads to."""
        if request is not None:
            self._queue.put_nowait((connection, request))

    async def _work(self) -> None:
        while True:
            reads = [await self._queue.get()]
            while len(reads) < BATCH and not self._queue.empty():
                reads.append(self._queue.get_nowait())
            await self._answer(reads)

    async def _answer(self, reads: Sequence[Read]) -> None:
        try:
            results = await self._unit_of_work.read(lambda stores: _read_all(stores, reads))
        except StorageUnavailable as error:
            results = [error] * len(reads)
        except Exception as error:
            if len(reads) > 1:  # one is broken; the others need not suffer
                for read in reads:
                    await self._answer([read])
                return
            logger.exception("reading failed")
            results = [error]
        for (connection, _), result in zip(reads, results, strict=True):
            self._hand_over(connection, result)

    def _hand_over(self, connection: ClientConnection, result: Any) -> None:
        try:
            if isinstance(result, Exception):
                connection.read_failed(result)
            else:
                self.submit(connection, connection.answer(result))
        except Exception:
            logger.exception("a result could not be used", extra=connection.facts())


def _read_all(stores: Stores, reads: Sequence[Read]) -> list[Any]:
    """The result of each read, or the refusal that it ended in."""
    results: list[Any] = []
    for _, request in reads:
        try:
            results.append(request.read(stores))
        except DomainError as refusal:
            results.append(refusal)
    return results
