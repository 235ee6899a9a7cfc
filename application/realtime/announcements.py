"""Hands announcements to everybody on this node without holding anybody up."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from application.ports.clock import Clock
from application.realtime.connection import Connection
from application.realtime.frame import Frame

TURN_S = 0.002
"""How long a turn of the event loop should last while an announcement goes out. What a frame
costs is paid in the turn after it was written, when it leaves; so whole turns are measured, and
the next slice is made smaller or larger."""

MIN_SLICE, MAX_SLICE = 8, 1024
"""Connections in a slice."""

REMEMBERED = 100
"""Announcements that are known again when a broker repeats them."""


class Announcements:
    """Each goes to those who are connected when its turn comes, before the next one begins, so
    that every socket sees them in the same order.

    Delivery: at most once. Whoever has not had its first frame yet, or is too slow to be pushed
    to, is passed over; nothing is kept for it.
    """

    def __init__(
        self,
        sessions: Mapping[int, Sequence[Connection]],
        monitors: Iterable[Connection],
        clock: Clock,
    ) -> None:
        """`sessions` by user, and `monitors`, are those of the hub: they come and go."""
        self._sessions = sessions
        self._monitors = monitors
        self._clock = clock
        self._known: deque[str] = deque(maxlen=REMEMBERED)
        self._waiting: deque[Frame] = deque()
        self._under_way: Iterator[bool] = iter(())
        self._slice = MIN_SLICE
        self._turn_began = 0.0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.passed_over = 0
        """How many connections did not get one."""

    async def start(self) -> None:
        self._task = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def receive(self, announcement_id: str, frame: Frame) -> None:
        """The broker brought one, perhaps not for the first time."""
        if announcement_id not in self._known:
            self._known.append(announcement_id)
            self._waiting.append(frame)
            self._news.set()

    def begin(self) -> None:
        """Start with small slices: nothing is known of how long a turn takes."""
        self._slice = MIN_SLICE
        self._turn_began = self._clock.monotonic()

    def hand_out_slice(self) -> bool:
        """Once a turn; whether there may be more to hand out."""
        now = self._clock.monotonic()
        larger = now - self._turn_began <= TURN_S / 2
        if larger or now - self._turn_began > TURN_S:
            fitting = self._slice * 2 if larger else self._slice // 2
            self._slice = max(MIN_SLICE, min(MAX_SLICE, fitting))
        self._turn_began = now
        for _ in range(self._slice):
            delivered = next(self._under_way, None)
            if delivered is None:
                if not self._waiting:
                    return False
                self._under_way = self._deliveries(self._waiting.popleft())
            elif not delivered:
                self.passed_over += 1
        return True

    def _deliveries(self, frame: Frame) -> Iterator[bool]:
        """Each step is one connection, and whether it took the frame."""
        for user_id in list(self._sessions):
            for session in list(self._sessions.get(user_id, ())):
                yield session.announce(frame)
        for monitor in list(self._monitors):
            yield monitor.announce(frame)

    async def _serve(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            self.begin()
            while self.hand_out_slice():  # noqa: ASYNC110 (it does not wait)
                await asyncio.sleep(0)  # others have their turn
