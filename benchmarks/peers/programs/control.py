"""Reads control lines `<time> <group> <count>` and publishes a burst in each turn of the loop."""

import asyncio
from collections import deque
from collections.abc import Callable

Publish = Callable[[bytes, int, int], None]
"""Takes the time as text, the group's number and how many events."""


class Control(asyncio.Protocol):
    """One connection of the load generator's."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._waiting: deque[bytes] = deque()
        self._rest = b""
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        idle = not self._waiting
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._waiting += lines
        if idle and lines:
            self._turn()

    def _turn(self) -> None:
        time, group, count = self._waiting[0].split()
        self._publish(time, int(group), int(count))
        self._waiting.popleft()
        if self._waiting:
            self._loop.call_soon(self._turn)


async def listen(port: int, publish: Publish) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Control(publish), "127.0.0.1", port)
