"""PublishQueue: what waits for a broker, and what is given up."""

import asyncio

import pytest
from attrs import define

from adapters.outbound.broadcast.encoded_message import EncodedMessage
from adapters.outbound.broadcast.publish_queue import OVERHEAD_BYTES, PublishQueue

MESSAGE_BYTES = OVERHEAD_BYTES + 10


def message(n: int) -> EncodedMessage:
    """One that counts for MESSAGE_BYTES."""
    return EncodedMessage("t", b"%9d" % n)


@define
class Time:
    """A clock that stands still until a test sets it."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def queue(room: int = 100, clock: Time | None = None) -> PublishQueue:
    """With room for so many messages, which are stale after ten seconds."""
    return PublishQueue(max_bytes=room * MESSAGE_BYTES, stale_s=10, clock=clock or Time())


async def take(box: PublishQueue, room: int = 100) -> list[EncodedMessage]:
    async with box.batch(room * MESSAGE_BYTES) as messages:
        return messages


async def test_what_gathered_leaves_in_order() -> None:
    """In batches that have an end, yet never without a message."""
    box = queue()
    for n in range(5):
        box.put(message(n))
    assert await take(box, 2) == [message(0), message(1)]
    assert await take(box, 0) == [message(2)]
    assert await take(box) == [message(3), message(4)]


async def test_a_batch_waits_for_a_message() -> None:
    """However long."""
    box = queue()
    taking = asyncio.create_task(take(box))
    await asyncio.sleep(0)
    assert not taking.done()
    box.put(message(1))
    assert await taking == [message(1)]


async def test_what_could_not_be_sent_is_back_in_its_place() -> None:
    """Before what was put meanwhile; only then is nothing left when all is sent."""
    box = queue()
    for n in range(3):
        box.put(message(n))

    async def fail() -> None:
        async with box.batch(2 * MESSAGE_BYTES):
            box.put(message(3))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await fail()
    assert await take(box) == [message(n) for n in range(4)]
    async with asyncio.timeout(1):
        await box.emptied()


async def test_it_is_not_empty_while_a_batch_is_on_its_way() -> None:
    """Whoever waits for that, waits until it has arrived."""
    box = queue()
    box.put(message(1))
    async with box.batch(MESSAGE_BYTES):
        waiting = asyncio.create_task(box.emptied())
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_the_oldest_make_room() -> None:
    """The newest are not in the journal's next look yet."""
    box = queue(room=3)
    for n in range(5):
        box.put(message(n))
    assert await take(box) == [message(2), message(3), message(4)]
    assert box.count_dropped() == 2


async def test_a_message_too_large_for_it_does_not_stay() -> None:
    """Nor does it block those after it."""
    box = queue(room=2)
    box.put(EncodedMessage("t", b"x" * 3 * MESSAGE_BYTES))
    box.put(message(1))
    assert await take(box) == [message(1)]


async def test_stale_messages_are_dropped() -> None:
    """Also when nothing else is left."""
    clock = Time()
    box = queue(clock=clock)
    box.put(message(1))
    clock.now = 10.5
    box.put(message(2))
    assert await take(box) == [message(2)]
    box.put(message(3))
    clock.now = 21
    taking = asyncio.create_task(take(box))
    async with asyncio.timeout(1):
        await box.emptied()
    assert not taking.done()
    taking.cancel()
    assert (box.count_dropped(), box.count_dropped()) == (2, 0)
