"""Scheduler: periodic jobs."""

import asyncio
import logging

import pytest

from application.jobs.scheduler import Job, Scheduler
from application.ports.storage.unit_of_work import StorageUnavailable

HOUR = 3600


async def test_failing_action_is_logged_and_repeated(caplog: pytest.LogCaptureFixture) -> None:
    """The log names the job, and the job runs again."""
    runs: list[int] = []
    third = asyncio.Event()

    async def fails_at_first() -> None:
        runs.append(len(runs))
        if len(runs) < 3:
            raise OSError("away")
        third.set()

    scheduler = Scheduler([Job("poll", 0, fails_at_first)])
    await scheduler.start()
    await third.wait()
    await scheduler.stop()
    assert runs[:3] == [0, 1, 2]
    assert [record.__dict__["job"] for record in caplog.records] == ["poll", "poll"]


async def test_a_database_that_is_away_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Each outage is logged once without a traceback, and so is its end."""
    caplog.set_level(logging.DEBUG, "synchub.scheduler")
    answers = [StorageUnavailable("a"), StorageUnavailable("b"), None, StorageUnavailable("c")]
    done = asyncio.Event()

    async def poll() -> None:
        if not answers:
            done.set()
        elif (error := answers.pop(0)) is not None:
            raise error

    scheduler = Scheduler([Job("poll", 0, poll)])
    await scheduler.start()
    await done.wait()
    await scheduler.stop()
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.__dict__["why"] for record in warnings] == ["a", "c"]
    recoveries = [record for record in caplog.records if record.levelno == logging.DEBUG]
    assert [record.__dict__["job"] for record in recoveries] == ["poll"] * len(recoveries)
    assert len(recoveries) >= 1
    assert not any(record.exc_info for record in caplog.records)


async def test_failure_does_not_stop_other_actions() -> None:
    """Each action has a task of its own."""
    ran = asyncio.Event()

    async def fails() -> None:
        raise OSError("away")

    async def works() -> None:
        ran.set()

    scheduler = Scheduler([Job("bad", HOUR, fails), Job("good", 0, works)])
    await scheduler.start()
    await ran.wait()
    await scheduler.stop()
    assert ran.is_set()


async def test_first_run_comes_after_the_interval() -> None:
    """Starting a node does not run all jobs at once."""
    ran = asyncio.Event()
    other: list[str] = []

    async def rare() -> None:
        other.append("rare")

    async def often() -> None:
        ran.set()

    scheduler = Scheduler([Job("rare", HOUR, rare), Job("often", 0, often)])
    await scheduler.start()
    await ran.wait()
    await scheduler.stop()
    assert other == []


async def test_stop_leaves_no_task() -> None:
    """Jobs are cancelled also in the middle of their action."""
    before = asyncio.all_tasks()
    busy = asyncio.Event()

    async def endless() -> None:
        busy.set()
        await asyncio.Event().wait()

    scheduler = Scheduler([Job("endless", 0, endless), Job("rare", HOUR, endless)])
    await scheduler.start()
    await busy.wait()
    assert len(asyncio.all_tasks() - before) == 2
    await scheduler.stop()
    assert asyncio.all_tasks() == before
