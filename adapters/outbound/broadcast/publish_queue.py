"""The publish queue: messages that were published and have not been sent yet.

Bounded in bytes and age. A broker that is away costs no memory beyond that, and what is dropped is
found in the journal by the receivers.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

from adapters.outbound.broadcast.encoded_message import EncodedMessage

OVERHEAD_BYTES = 200
"""Memory of a waiting message beyond its topic and payload."""


class PublishQueue:
    """Messages in the order of their `put`, at most `max_bytes` of them, none older than `stale_s`.

    What does not fit is dropped (`full`), and so is what has waited so long that receivers have
    found it in the journal (`stale`), the oldest first.
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        stale_s: float,
        on_drop: Callable[[str], None] = lambda reason: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`on_drop` is called with the reason for each dropped message."""
        self._max_bytes = max_bytes
        self._stale_s = stale_s
        self._on_drop = on_drop
        self._clock = clock
        self._waiting: deque[tuple[float, EncodedMessage]] = deque()
        self._bytes = 0
        self._dropped = 0
        self._filled = asyncio.Event()
        self._emptied = asyncio.Event()
        self._emptied.set()

    def put(self, message: EncodedMessage) -> None:
        """Append a message."""
        self._waiting.append((self._clock(), message))
        self._bytes += _size(message)
        while self._bytes > self._max_bytes:
            self._drop_oldest("full")
        self._filled.set()
        self._emptied.clear()

    @asynccontextmanager
    async def batch(self, max_bytes: int) -> AsyncIterator[list[EncodedMessage]]:
        """At least one message, more if they fit; they are back in their place if the context
        ends in an exception."""
        taken = await self._take(max_bytes)
        try:
            yield [message for _, message in taken]
        except BaseException:
            self._waiting.extendleft(reversed(taken))
            self._bytes += sum(_size(message) for _, message in taken)
            self._filled.set()
            raise
        if not self._waiting:
            self._emptied.set()

    def count_dropped(self) -> int:
        """How many were dropped since this was asked last."""
        self._drop_stale()
        dropped, self._dropped = self._dropped, 0
        return dropped

    async def emptied(self) -> None:
        """Return when nothing waits or is on its way."""
        await self._emptied.wait()

    async def _take(self, max_bytes: int) -> list[tuple[float, EncodedMessage]]:
        taken: list[tuple[float, EncodedMessage]] = []
        while not taken:
            await self._filled.wait()
            self._drop_stale()
            size = 0
            while self._waiting and (not taken or size < max_bytes):
                taken.append(self._waiting.popleft())
                size += _size(taken[-1][1])
            self._bytes -= size
            if not self._waiting:
                self._filled.clear()
                if not taken:
                    self._emptied.set()
        return taken

    def _drop_stale(self) -> None:
        fresh_from = self._clock() - self._stale_s
        while self._waiting and self._waiting[0][0] < fresh_from:
            self._drop_oldest("stale")

    def _drop_oldest(self, reason: str) -> None:
        _, message = self._waiting.popleft()
        self._bytes -= _size(message)
        self._dropped += 1
        self._on_drop(reason)


def _size(message: EncodedMessage) -> int:
    return len(message.topic) + len(message.payload) + OVERHEAD_BYTES
