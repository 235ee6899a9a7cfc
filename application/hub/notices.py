"""Shows operators' notices to everybody on this node without holding anybody up."""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial

from application.connections.client_connection import ClientConnection
from application.connections.cooperative_scheduling import cooperatively
from application.frames.frame import Frame
from application.ports.clock import Clock
from application.ports.telemetry import Counted, Telemetry

REMEMBERED = 100
"""Notices that are recognised when a broker repeats them."""


class Notices:
    """Every notice goes to all connections before the next one begins, so that every socket sees
    them in the same order.

    Delivery: at most once. A connection that has not had its first frame yet, or is too slow to be
    pushed to, is skipped; nothing is kept for it.
    """

    def __init__(
        self,
        channels: Mapping[int, Iterable[ClientConnection]],
        monitors: Iterable[ClientConnection],
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """`channels` by user, and `monitors`, are those of the hub: they come and go."""
        self._channels = channels
        self._monitors = monitors
        self._clock = clock
        self._telemetry = telemetry
        self._known: deque[str] = deque(maxlen=REMEMBERED)
        self._waiting: deque[Frame] = deque()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start to show what arrives."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """Show no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def receive(self, notice_id: str, frame: Frame) -> None:
        """The broker delivered a notice, perhaps not for the first time."""
        if notice_id not in self._known:
            self._known.append(notice_id)
            self._waiting.append(frame)
            self._arrived.set()

    async def show_waiting(self) -> None:
        """Show all that have arrived, one after the other."""
        while self._waiting:
            frame = self._waiting.popleft()
            await cooperatively(partial(self._show, frame), self._connections(), self._clock)

    def _connections(self) -> Iterator[ClientConnection]:
        """Those of all users that are known now, as far as they are still here at their turn."""
        for user_id in list(self._channels):
            yield from list(self._channels.get(user_id, ()))
        yield from list(self._monitors)

    def _show(self, frame: Frame, connection: ClientConnection) -> None:
        if not connection.show_notice(frame):
            self._telemetry.count(Counted.SKIPPED_NOTICES, connection.mode.name.lower())

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await self.show_waiting()
