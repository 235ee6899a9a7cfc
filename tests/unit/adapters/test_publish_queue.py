"""PublishQueue: messages that wait for a broker, and messages that are dropped."""

import asyncio

import pytest
from attrs import define

from adapters.outbound.broadcast.encoded_message import EncodedMessage
from adapters.outbound.broadcast.publish_queue import OVERHEAD_BYTES, PublishQueue

MESSAGE_BYTES = OVERHEAD_BYTES + 10


def message(n: int) -> EncodedMessage:
    """A message that counts as MESSAGE_BYTES."""
    return EncodedMessage("t", b"%9d" % n)


@define
class Time:
    """A clock that stands still until a test sets it."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def new_queue(room: int = 100, clock: Time | None = None) -> PublishQueue:
    """A queue for this many messages, which are stale after ten seconds."""
    return PublishQueue(max_bytes=room * MESSAGE_BYTES, stale_s=10, clock=clock or Time())


async def take(queue: PublishQueue, room: int = 100) -> list[EncodedMessage]:
    async with queue.batch(room * MESSAGE_BYTES) as messages:
        return messages


async def test_messages_leave_in_order() -> None:
    """Batches are limited in size and have at least one message."""
    queue = new_queue()
    for n in range(5):
        queue.put(message(n))
    assert await take(queue, 2) == [message(0), message(1)]
    assert await take(queue, 0) == [message(2)]
    assert await take(queue) == [message(3), message(4)]


async def test_a_batch_waits_for_a_message() -> None:
    """`batch` does not return before a message is put."""
    queue = new_queue()
    taking = asyncio.create_task(take(queue))
    await asyncio.sleep(0)
    assert not taking.done()
    queue.put(message(1))
    assert await taking == [message(1)]


async def test_an_unsent_batch_is_put_back_in_its_place() -> None:
    """It comes before messages put meanwhile; `emptied` waits until all are sent."""
    queue = new_queue()
    for n in range(3):
        queue.put(message(n))

    async def fail() -> None:
        async with queue.batch(2 * MESSAGE_BYTES):
            queue.put(message(3))
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await fail()
    assert await take(queue) == [message(n) for n in range(4)]
    async with asyncio.timeout(1):
        await queue.emptied()


async def test_it_is_not_empty_while_a_batch_is_being_sent() -> None:
    """`emptied` returns after the batch has been sent."""
    queue = new_queue()
    queue.put(message(1))
    async with queue.batch(MESSAGE_BYTES):
        waiting = asyncio.create_task(queue.emptied())
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_the_oldest_messages_are_dropped_first() -> None:
    """The journal poll finds the oldest events first."""
    queue = new_queue(room=3)
    for n in range(5):
        queue.put(message(n))
    assert await take(queue) == [message(2), message(3), message(4)]
    assert queue.count_dropped() == 2


async def test_a_message_larger_than_the_queue_is_dropped() -> None:
    """Later messages are sent."""
    queue = new_queue(room=2)
    queue.put(EncodedMessage("t", b"x" * 3 * MESSAGE_BYTES))
    queue.put(message(1))
    assert await take(queue) == [message(1)]


async def test_stale_messages_are_dropped() -> None:
    """They are dropped also when no other message is left."""
    clock = Time()
    queue = new_queue(clock=clock)
    queue.put(message(1))
    clock.now = 10.5
    queue.put(message(2))
    assert await take(queue) == [message(2)]
    queue.put(message(3))
    clock.now = 21
    taking = asyncio.create_task(take(queue))
    async with asyncio.timeout(1):
        await queue.emptied()
    assert not taking.done()
    taking.cancel()
    assert (queue.count_dropped(), queue.count_dropped()) == (2, 0)
