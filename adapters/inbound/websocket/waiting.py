"""Light stand-ins for asyncio's Queue and Event, of which every idle connection has one.

asyncio's keep deques of 760 bytes, for any number of waiters; here, one at most ever waits.
"""

import asyncio
from collections.abc import Callable
from typing import Any


class Gate:
    """Open or not: the part of `asyncio.Event` that uvicorn's protocol uses."""

    __slots__ = ("_open", "_waiter")

    def __init__(self, *, is_open: bool) -> None:
        self._open = is_open
        self._waiter: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        return self._open

    def set(self) -> None:
        self._open = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self) -> None:
        self._open = False

    async def wait(self) -> None:
        while not self._open:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
            self._waiter = None


class Inbox:
    """ASGI events: the part of `asyncio.Queue` that uvicorn's protocol uses, until `hand_to` says
    who takes them as they come."""

    __slots__ = ("_arrived", "_events", "_take")

    def __init__(self) -> None:
        self._arrived = Gate(is_open=False)
        self._events: list[Any] = []
        self._take: Callable[[Any], None] | None = None

    def put_nowait(self, event: Any) -> None:
        if self._take is not None:
            self._take(event)
        else:
            self._events.append(event)
            self._arrived.set()

    def empty(self) -> bool:
        return not self._events

    async def get(self) -> Any:
        await self._arrived.wait()
        event = self._events.pop(0)
        if not self._events:
            self._arrived.clear()
        return event

    def hand_to(self, take: Callable[[Any], None]) -> None:
        """What has come already, and from now on everything."""
        self._take = take
        events, self._events = self._events, []
        for event in events:
            take(event)
