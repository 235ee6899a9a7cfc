"""The minimal queue of ASGI events."""

import asyncio

from adapters.inbound.websocket.transport.asgi_events import EventQueue


def event(n: int) -> dict[str, int]:
    return {"n": n}


async def test_events_are_got_in_order() -> None:
    """Events put before and after `get` are returned in order."""
    queue = EventQueue()
    queue.put(event(1))
    queue.put(event(2))
    assert [await queue.get(), await queue.get()] == [event(1), event(2)]
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put(event(3))
    assert await waiting == event(3)


async def test_unread_events_can_be_taken_all_at_once() -> None:
    """Later events stay in the queue."""
    queue = EventQueue()
    queue.put(event(1))
    queue.put(event(2))
    assert queue.take_all() == [event(1), event(2)]
    assert queue.take_all() == []
    queue.put(event(3))
    assert await queue.get() == event(3)


async def test_a_reader_may_give_up() -> None:
    """An event put after a cancelled `get` is kept for the next one."""
    queue = EventQueue()
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    queue.put(event(1))
    assert await queue.get() == event(1)
