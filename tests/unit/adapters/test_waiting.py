"""The light stand-ins for asyncio's Queue and Event."""

import asyncio
from typing import Any

from adapters.inbound.websocket.waiting import Gate, Inbox


async def test_events_are_got_in_order() -> None:
    """Whether they come before they are asked for or after."""
    inbox = Inbox()
    inbox.put_nowait(1)
    inbox.put_nowait(2)
    assert not inbox.empty()
    assert [await inbox.get(), await inbox.get()] == [1, 2]
    assert inbox.empty()
    waiting = asyncio.create_task(inbox.get())
    await asyncio.sleep(0)
    inbox.put_nowait(3)
    assert await waiting == 3


async def test_events_are_handed_to_who_takes_them() -> None:
    """First those that have come already."""
    inbox, taken = Inbox(), list[Any]()
    inbox.put_nowait(1)
    inbox.put_nowait(2)
    inbox.hand_to(taken.append)
    inbox.put_nowait(3)
    assert taken == [1, 2, 3]
    assert inbox.empty()


async def test_a_gate_lets_pass_while_it_is_open() -> None:
    """Whoever waits goes on when it opens, unless it has closed again at once."""
    gate = Gate(is_open=True)
    await gate.wait()
    gate.clear()
    waiting = asyncio.create_task(gate.wait())
    await asyncio.sleep(0)
    gate.set()
    gate.clear()
    await asyncio.sleep(0.01)
    assert not waiting.done()
    gate.set()
    await asyncio.wait_for(waiting, 5)
    assert gate.is_set()


async def test_who_waits_may_give_up() -> None:
    """Opening the gate later harms nobody."""
    gate = Gate(is_open=False)
    waiting = asyncio.create_task(gate.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    gate.set()
    await gate.wait()
