"""Scheduler: runs the periodic background jobs of a node."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from attrs import frozen

from application.ports.storage.unit_of_work import StorageUnavailable

logger = logging.getLogger("synchub.scheduler")


@frozen
class Job:
    """`action` runs every `interval_s` seconds, measured from the end of the previous run. A
    failure is logged and the next run is the retry. A database outage is logged once, not per
    run."""

    name: str
    interval_s: float
    action: Callable[[], Awaitable[object]]


class Scheduler:
    """Runs jobs between `start` and `stop`, each as a task of its own."""

    def __init__(self, jobs: list[Job]) -> None:
        self._jobs = jobs
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start all jobs; the first runs come after one interval."""
        self._tasks = [asyncio.create_task(_repeat(job), name=job.name) for job in self._jobs]

    async def stop(self) -> None:
        """Cancel all jobs and wait until they have ended."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _repeat(job: Job) -> None:
    outage = False
    while True:
        await asyncio.sleep(job.interval_s)
        try:
            await job.action()
        except StorageUnavailable as error:
            if not outage:
                why = {"job": job.name, "why": str(error)}
                logger.warning("job waits for the database", extra=why)
            outage = True
        except Exception:
            logger.exception("job failed", extra={"job": job.name})
        else:
            if outage:
                logger.debug("job runs again after an outage", extra={"job": job.name})
            outage = False
