"""The end of a turn of the event loop."""

import asyncio

import pytest

from adapters.inbound.websocket.flusher import Flusher


async def test_actions_run_in_order_at_the_end_of_the_turn() -> None:
    """Those that they ask for, too."""
    flusher, done = Flusher(), list[str]()

    def first() -> None:
        done.append("first")
        flusher.at_end(lambda: done.append("third"))

    flusher.at_end(first)
    flusher.at_end(lambda: done.append("second"))
    assert done == []
    await asyncio.sleep(0)
    assert done == ["first", "second", "third"]


async def test_one_that_fails_keeps_nothing_from_happening(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Neither in this turn nor in later ones; and it is logged."""
    flusher, done = Flusher(), list[int]()

    def fail() -> None:
        raise RuntimeError("no")

    for number in range(2):
        flusher.at_end(fail)
        flusher.at_end(lambda number=number: done.append(number))  # type: ignore[misc]
        await asyncio.sleep(0)
    assert done == [0, 1]
    assert [record.exc_text is not None for record in caplog.records] == [True, True]
