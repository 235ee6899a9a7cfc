"""Job actions."""

import asyncio
import logging

import pytest

from application.jobs.scheduler import Job, Scheduler
from application.ports.storage.unit_of_work import StorageUnavailable

HOUR = 3600


async def test_failing_action_is_logged_and_repeated(caplog: pytest.LogCaptureFixture) -> None:
    """The log names it, and the next run comes."""
    runs: list[int] = []
    third = asyncio.Event()

    async def fails_at_first() -> None:
        runs.append(len(runs))
        if len(runs) < 3:
            raise OSError("away")
        third.set()

    runtime = Scheduler([Job("look", 0, fails_at_first)])
    await runtime.start()
    await third.wait()
    await runtime.stop()
    assert runs[:3] == [0, 1, 2]
    assert [record.__dict__["job"] for record in caplog.records] == ["look", "look"]


async def test_a_database_that_is_away_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Each time that it goes, without a traceback, and when it is back."""
    caplog.set_level(logging.DEBUG, "synchub.scheduler")
    answers = [StorageUnavailable("a"), StorageUnavailable("b"), None, StorageUnavailable("c")]
    done = asyncio.Event()

    async def look() -> None:
        if not answers:
            done.set()
        elif (error := answers.pop(0)) is not None:
            raise error

    runtime = Scheduler([Job("look", 0, look)])
    await runtime.start()
    await done.wait()
    await runtime.stop()
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.__dict__["why"] for record in warnings] == ["a", "c"]
    recoveries = [record for record in caplog.records if record.levelno == logging.DEBUG]
    assert [record.__dict__["job"] for record in recoveries] == ["look"] * len(recoveries)
    assert len(recoveries) >= 1
    assert not any(record.exc_info for record in caplog.records)


async def test_failure_does_not_stop_other_actions() -> None:
    """Each action has a task of its own."""
    ran = asyncio.Event()

    async def fails() -> None:
        raise OSError("away")

    async def works() -> None:
        ran.set()

    runtime = Scheduler([Job("bad", HOUR, fails), Job("good", 0, works)])
    await runtime.start()
    await ran.wait()
    await runtime.stop()
    assert ran.is_set()


async def test_first_run_comes_after_the_interval() -> None:
    """Starting a node does not do everything at once."""
    ran = asyncio.Event()
    other: list[str] = []

    async def rare() -> None:
        other.append("rare")

    async def often() -> None:
        ran.set()

    runtime = Scheduler([Job("rare", HOUR, rare), Job("often", 0, often)])
    await runtime.start()
    await ran.wait()
    await runtime.stop()
    assert other == []


async def test_stop_leaves_no_task() -> None:
    """Also not one in the middle of its action."""
    before = asyncio.all_tasks()
    busy = asyncio.Event()

    async def endless() -> None:
        busy.set()
        await asyncio.Event().wait()

    runtime = Scheduler([Job("endless", 0, endless), Job("rare", HOUR, endless)])
    await runtime.start()
    await busy.wait()
    assert len(asyncio.all_tasks() - before) == 2
    await runtime.stop()
    assert asyncio.all_tasks() == before
