"""The node's background life: what has to go on while nobody asks for anything."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from attrs import frozen

from application.ports.storage.unit_of_work import StorageUnavailable

logger = logging.getLogger("synchub.runtime")


@frozen
class Job:
    """`action` is run every `interval_s` seconds; a failure is logged and the next run tries
    again. While the database is away, that is logged once."""

    name: str
    interval_s: float
    action: Callable[[], Awaitable[object]]


class Scheduler:
    """Runs periodic actions between `start` and `stop`."""

    def __init__(self, actions: list[Job]) -> None:
        self._actions = actions
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        self._tasks = [asyncio.create_task(_repeat(action)) for action in self._actions]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task


async def _repeat(periodic: Job) -> None:
    away = False
    while True:
        await asyncio.sleep(periodic.interval_s)
        try:
            await periodic.action()
            away = False
        except StorageUnavailable as error:
            if not away:
                why = {"action": periodic.name, "why": str(error)}
                logger.warning("periodic action waits for the database", extra=why)
            away = True
        except Exception:
            logger.exception("periodic action failed", extra={"action": periodic.name})
