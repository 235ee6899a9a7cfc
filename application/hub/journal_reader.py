"""Reads the database on behalf of connections, many in one transaction."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from attrs import frozen

from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import StorageUnavailable, UnitOfWork, Work
from domain.errors import DomainError

T = TypeVar("T")
logger = logging.getLogger("synchub.reader")

BATCH = 64
"""Reads that share one transaction at most: a storm of resuming devices costs few of them."""


@frozen
class _Read:
    work: Work[Any]
    on_result: Callable[[Any], None]
    on_failure: Callable[[Exception], None]


class JournalReader:
    """Answers each read with exactly one of its two callbacks, on the event loop."""

    def __init__(self, unit_of_work: UnitOfWork, workers: int = 2) -> None:
        self._unit_of_work = unit_of_work
        self._workers = workers
        self._waiting: asyncio.Queue[_Read] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(self._serve()) for _ in range(self._workers)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def submit(
        self,
        work: Work[T],
        on_result: Callable[[T], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        """Have `work` done in a read transaction soon."""
        self._waiting.put_nowait(_Read(work, on_result, on_failure))

    async def _serve(self) -> None:
        while True:
            reads = [await self._waiting.get()]
            while len(reads) < BATCH and not self._waiting.empty():
                reads.append(self._waiting.get_nowait())
            await self._answer(reads)

    async def _answer(self, reads: list[_Read]) -> None:
        try:
            results = await self._unit_of_work.read(lambda stores: _do_all(stores, reads))
        except StorageUnavailable as error:
            results = [error] * len(reads)
        except Exception as error:
            if len(reads) > 1:  # one is broken; the others need not suffer
                for read in reads:
                    await self._answer([read])
                return
            logger.exception("reading failed")
            results = [error]
        for read, result in zip(reads, results, strict=True):
            _tell(read, result)


def _tell(read: _Read, result: Any) -> None:
    try:
        if isinstance(result, Exception):
            read.on_failure(result)
        else:
            read.on_result(result)
    except Exception:
        logger.exception("what was read could not be used")


def _do_all(stores: Stores, reads: list[_Read]) -> list[Any]:
    """The result of each read, or the refusal that it ended in."""
    results: list[Any] = []
    for read in reads:
        try:
            results.append(read.work(stores))
        except DomainError as refusal:
            results.append(refusal)
    return results
