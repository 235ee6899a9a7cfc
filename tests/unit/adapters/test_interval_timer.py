"""One timer for all sockets."""

import asyncio

import pytest

from adapters.inbound.server.interval_timer import AT_ONCE, IntervalTimer, Timed

INTERVAL_S = 0.02
TIMEOUT_S = 5.0


class Counting(Timed):
    """Remembers who beat, in order."""

    def __init__(self, heard: list["Counting"]) -> None:
        self._heard = heard

    def interval_passed(self) -> None:
        self._heard.append(self)


class Broken(Timed):
    """A member whose call fails."""

    def interval_passed(self) -> None:
        raise OSError("gone")


async def until(heard: list[Counting], count: int) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while len(heard) < count:  # noqa: ASYNC110 (nothing tells)
            await asyncio.sleep(INTERVAL_S / 4)


async def test_members_beat_in_turn_again_and_again() -> None:
    """Each once in an interval, however many there are."""
    timer, heard = IntervalTimer(INTERVAL_S), list[Counting]()
    members = [Counting(heard) for _ in range(3 * AT_ONCE)]
    for member in members:
        timer.add(member)
    assert heard == []
    await until(heard, 3 * len(members))
    assert heard[: 3 * len(members)] == members * 3
    for member in members:
        timer.remove(member)


async def test_what_is_removed_beats_no_more() -> None:
    """And may be removed twice; the others go on."""
    timer, heard = IntervalTimer(INTERVAL_S), list[Counting]()
    gone, staying = Counting(heard), Counting(heard)
    for member in (gone, staying):
        timer.add(member)
    await until(heard, 2)
    for _ in range(2):
        timer.remove(gone)
    heard.clear()
    await until(heard, 3)
    assert set(heard) == {staying}
    timer.remove(staying)


async def test_it_begins_again_after_nobody_was_left() -> None:
    """The timer ends with the last member, and comes back with the next."""
    timer, heard = IntervalTimer(INTERVAL_S), list[Counting]()
    for _ in range(2):
        member = Counting(heard)
        timer.add(member)
        await until(heard, 1)
        timer.remove(member)
        await asyncio.sleep(2 * INTERVAL_S)
        heard.clear()
    assert heard == []


async def test_a_broken_member_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged."""
    timer, heard = IntervalTimer(INTERVAL_S), list[Counting]()
    broken, sound = Broken(), Counting(heard)
    for member in (broken, sound):
        timer.add(member)
    await until(heard, 2)
    for member in (broken, sound):
        timer.remove(member)
    assert {record.message for record in caplog.records} == {"a timed call failed"}
