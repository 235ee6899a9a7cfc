"""A minimal queue of ASGI events: one reader, used only until a connection is listened to."""

import asyncio
from typing import Any

Event = dict[str, Any]


class EventQueue:
    """asyncio's own Queue keeps two deques of 760 bytes, for any number of waiters."""

    __slots__ = ("_events", "_waiter")

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._waiter: asyncio.Future[None] | None = None

    def put(self, event: Event) -> None:
        self._events.append(event)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def get(self) -> Event:
        """The oldest event, once there is one."""
        while not self._events:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._events.pop(0)

    def take_all(self) -> list[Event]:
        """Everything that nobody has read."""
        events, self._events = self._events, []
        return events
