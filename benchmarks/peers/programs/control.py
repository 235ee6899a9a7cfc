"""The control connection: a line `<time> <group> <count>` publishes a burst."""

import asyncio
from collections import deque
from collections.abc import Callable

Publish = Callable[[bytes, int, int], None]
"""Publishes a burst, given the time as text, the number of the group and the number of events."""


class Control(asyncio.Protocol):
    """Publishes one burst per iteration of the event loop."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._queue: deque[bytes] = deque()
        self._rest = b""
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        """Queue the complete lines."""
        idle = not self._queue
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._queue += lines
        if idle and lines:
            self._publish_next()

    def _publish_next(self) -> None:
        time, group, count = self._queue[0].split()
        self._publish(time, int(group), int(count))
        self._queue.popleft()
        if self._queue:
            self._loop.call_soon(self._publish_next)


async def listen(port: int, publish: Publish) -> asyncio.Server:
    """Accept control connections."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Control(publish), "127.0.0.1", port)
