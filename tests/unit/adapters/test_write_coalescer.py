"""WriteCoalescer: the end of a tick of the event loop."""

import asyncio
from functools import partial

import pytest

from adapters.inbound.websocket.transport.write_coalescer import WriteCoalescer


async def test_actions_run_in_order_at_the_end_of_the_tick() -> None:
    """Actions added by actions run in the same tick."""
    coalescer, done = WriteCoalescer(), list[str]()

    def first() -> None:
        done.append("first")
        coalescer.call(lambda: done.append("third"))

    coalescer.call(first)
    coalescer.call(lambda: done.append("second"))
    assert done == []
    await asyncio.sleep(0)
    assert done == ["first", "second", "third"]


async def test_an_action_that_fails_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Actions of this tick and of later ones run, and the error is logged."""
    coalescer, done = WriteCoalescer(), list[int]()

    def fail() -> None:
        raise RuntimeError("no")

    for number in range(2):
        coalescer.call(fail)
        coalescer.call(partial(done.append, number))
        await asyncio.sleep(0)
    assert done == [0, 1]
    assert [record.exc_text is not None for record in caplog.records] == [True, True]
