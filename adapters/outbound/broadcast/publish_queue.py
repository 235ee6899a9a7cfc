"""The publish queue: published messages that the broker has not confirmed yet.

It is bounded in bytes and in age, so a broker outage costs a limited amount of memory. Dropped
messages are not lost: receivers find the events in the journal. (This is not a transactional
outbox; that role has the journal.)
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

from adapters.outbound.broadcast.encoded_message import EncodedMessage

OVERHEAD_BYTES = 200
"""Estimated memory of a queued message in addition to its topic and payload."""


class PublishQueue:
    """A FIFO queue of up to `max_bytes`, with messages up to `stale_s` seconds old.

    The oldest messages are dropped if the queue is full (reason `full`) or if they are older than
    that (reason `stale`): by then the journal poll of the receivers has found the events.
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        stale_s: float,
        on_drop: Callable[[str], None] = lambda reason: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`on_drop` is called with the reason, once per dropped message."""
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
        """Wait for messages and return a batch of up to about `max_bytes`, at least one message. If
        the context ends in an exception, they are put back to the head of the queue."""
        batch = await self._next_batch(max_bytes)
        try:
            yield [message for _, message in batch]
        except BaseException:
            self._waiting.extendleft(reversed(batch))
            self._bytes += sum(_size(message) for _, message in batch)
            self._filled.set()
            raise
        if not self._waiting:
            self._emptied.set()

    def count_dropped(self) -> int:
        """Return the number of messages dropped since the last call."""
        self._drop_stale()
        dropped, self._dropped = self._dropped, 0
        return dropped

    async def emptied(self) -> None:
        """Return when the queue is empty and no batch is being sent."""
        await self._emptied.wait()

    async def _next_batch(self, max_bytes: int) -> list[tuple[float, EncodedMessage]]:
        batch: list[tuple[float, EncodedMessage]] = []
        while not batch:
            await self._filled.wait()
            self._drop_stale()
            size = 0
            while self._waiting and (not batch or size < max_bytes):
                batch.append(self._waiting.popleft())
                size += _size(batch[-1][1])
            self._bytes -= size
            if not self._waiting:
                self._filled.clear()
                if not batch:
                    self._emptied.set()
        return batch

    def _drop_stale(self) -> None:
        cutoff = self._clock() - self._stale_s
        while self._waiting and self._waiting[0][0] < cutoff:
            self._drop_oldest("stale")

    def _drop_oldest(self, reason: str) -> None:
        _, message = self._waiting.popleft()
        self._bytes -= _size(message)
        self._dropped += 1
        self._on_drop(reason)


def _size(message: EncodedMessage) -> int:
    return len(message.topic) + len(message.payload) + OVERHEAD_BYTES
