"""One timer for all sockets."""

import asyncio

import pytest

from adapters.inbound.websocket.heartbeat import AT_ONCE, Heart, Heartbeats

INTERVAL_S = 0.02
TIMEOUT_S = 5.0


class Counting(Heart):
    """Remembers who beat, in order."""

    def __init__(self, heard: list["Counting"]) -> None:
        self._heard = heard

    def beat(self) -> None:
        self._heard.append(self)


class Broken(Heart):
    def beat(self) -> None:
        raise OSError("gone")


async def until(heard: list[Counting], count: int) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while len(heard) < count:  # noqa: ASYNC110 (nothing tells)
            await asyncio.sleep(INTERVAL_S / 4)


async def test_hearts_beat_in_turn_again_and_again() -> None:
    """Each once in an interval, however many there are."""
    heartbeats, heard = Heartbeats(INTERVAL_S), list[Counting]()
    hearts = [Counting(heard) for _ in range(3 * AT_ONCE)]
    for heart in hearts:
        heartbeats.add(heart)
    assert heard == []
    await until(heard, 3 * len(hearts))
    assert heard[: 3 * len(hearts)] == hearts * 3
    for heart in hearts:
        heartbeats.remove(heart)


async def test_what_is_removed_beats_no_more() -> None:
    """And may be removed twice; the others go on."""
    heartbeats, heard = Heartbeats(INTERVAL_S), list[Counting]()
    gone, staying = Counting(heard), Counting(heard)
    for heart in (gone, staying):
        heartbeats.add(heart)
    await until(heard, 2)
    for _ in range(2):
        heartbeats.remove(gone)
    heard.clear()
    await until(heard, 3)
    assert set(heard) == {staying}
    heartbeats.remove(staying)


async def test_it_begins_again_after_nobody_was_left() -> None:
    """The timer ends with the last heart, and comes back with the next."""
    heartbeats, heard = Heartbeats(INTERVAL_S), list[Counting]()
    for _ in range(2):
        heart = Counting(heard)
        heartbeats.add(heart)
        await until(heard, 1)
        heartbeats.remove(heart)
        await asyncio.sleep(2 * INTERVAL_S)
        heard.clear()
    assert heard == []


async def test_a_broken_heart_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged."""
    heartbeats, heard = Heartbeats(INTERVAL_S), list[Counting]()
    broken, sound = Broken(), Counting(heard)
    for heart in (broken, sound):
        heartbeats.add(heart)
    await until(heard, 2)
    for heart in (broken, sound):
        heartbeats.remove(heart)
    assert {record.message for record in caplog.records} == {"a heartbeat failed"}
