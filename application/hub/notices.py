"""Hands announcements to everybody on this node without holding anybody up."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial

from application.connections.client_connection import ClientConnection
from application.connections.cooperative_scheduling import cooperatively
from application.frames.frame import Frame
from application.ports.clock import Clock

REMEMBERED = 100
"""Notices that are known again when a broker repeats them."""


class Notices:
    """Each goes to those who are connected when its turn comes, before the next one begins, so
    that every socket sees them in the same order.

    Delivery: at most once. Whoever has not had its first frame yet, or is too slow to be pushed
    to, is passed over; nothing is kept for it.
    """

    def __init__(
        self,
        sessions: Mapping[int, Iterable[ClientConnection]],
        monitors: Iterable[ClientConnection],
        clock: Clock,
    ) -> None:
        """`sessions` by user, and `monitors`, are those of the hub: they come and go."""
        self._sessions = sessions
        self._monitors = monitors
        self._clock = clock
        self._known: deque[str] = deque(maxlen=REMEMBERED)
        self._waiting: deque[Frame] = deque()
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

    def receive(self, notice_id: str, frame: Frame) -> None:
        """The broker brought one, perhaps not for the first time."""
        if notice_id not in self._known:
            self._known.append(notice_id)
            self._waiting.append(frame)
            self._news.set()

    async def hand_out(self) -> None:
        """All that have arrived, one after the other."""
        while self._waiting:
            frame = self._waiting.popleft()
            deliver = partial(self._deliver, frame)
            await cooperatively(deliver, self._connections(), self._clock)

    def _connections(self) -> Iterator[ClientConnection]:
        """Those of all users that are known now, as far as they are still here when it is their
        turn."""
        for user_id in list(self._sessions):
            yield from list(self._sessions.get(user_id, ()))
        yield from list(self._monitors)

    def _deliver(self, frame: Frame, connection: ClientConnection) -> None:
        self.passed_over += not connection.announce(frame)

    async def _serve(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            await self.hand_out()
