"""IntervalTimer: one timer for all sockets."""

import asyncio

import pytest

from adapters.inbound.server.interval_timer import AT_ONCE, IntervalTimer, Timed

INTERVAL_S = 0.02
TIMEOUT_S = 5.0


class Counting(Timed):
    """A member that records its calls, in order."""

    def __init__(self, calls: list["Counting"]) -> None:
        self._calls = calls

    def interval_passed(self) -> None:
        self._calls.append(self)


class Broken(Timed):
    """A member whose call fails."""

    def interval_passed(self) -> None:
        raise OSError("gone")


async def until(calls: list[Counting], count: int) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while len(calls) < count:  # noqa: ASYNC110 (nothing tells)
            await asyncio.sleep(INTERVAL_S / 4)


async def test_members_are_called_in_order_again_and_again() -> None:
    """Each member is called once per interval, for any number of members."""
    timer, calls = IntervalTimer(INTERVAL_S), list[Counting]()
    members = [Counting(calls) for _ in range(3 * AT_ONCE)]
    for member in members:
        timer.add(member)
    assert calls == []
    await until(calls, 3 * len(members))
    assert calls[: 3 * len(members)] == members * 3
    for member in members:
        timer.remove(member)


async def test_a_removed_member_is_called_no_more() -> None:
    """Removing it twice is no error, and the other members go on."""
    timer, calls = IntervalTimer(INTERVAL_S), list[Counting]()
    gone, staying = Counting(calls), Counting(calls)
    for member in (gone, staying):
        timer.add(member)
    await until(calls, 2)
    for _ in range(2):
        timer.remove(gone)
    calls.clear()
    await until(calls, 3)
    assert set(calls) == {staying}
    timer.remove(staying)


async def test_it_begins_again_after_nobody_was_left() -> None:
    """The timer ends with the last member and starts again with the next."""
    timer, calls = IntervalTimer(INTERVAL_S), list[Counting]()
    for _ in range(2):
        member = Counting(calls)
        timer.add(member)
        await until(calls, 1)
        timer.remove(member)
        await asyncio.sleep(2 * INTERVAL_S)
        calls.clear()
    assert calls == []


async def test_a_broken_member_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """The error is logged."""
    timer, calls = IntervalTimer(INTERVAL_S), list[Counting]()
    broken, sound = Broken(), Counting(calls)
    for member in (broken, sound):
        timer.add(member)
    await until(calls, 2)
    for member in (broken, sound):
        timer.remove(member)
    assert {record.message for record in caplog.records} == {"a timed call failed"}
