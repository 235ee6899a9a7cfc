"""A device like a good front end: it reconnects after any loss and resumes at its position."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from tests.support.client import SYNC, Client
from tests.support.view import View

BACKOFF_MS = (10, 200)
UNREACHABLE = (OSError, TimeoutError, InvalidHandshake, InvalidMessage, ConnectionClosed)


class ResumingClient:
    """Folds frames into a `View` and counts reconnects, duplicates and fresh starts."""

    def __init__(
        self,
        player: Client,
        ws_url: str,
        random: Random,
        heartbeat_s: float | None = None,
        others: Sequence[str] = (),
    ) -> None:
        """Where it cannot connect, it tries the `others` in turn."""
        self.player = player
        self.ws_url = ws_url
        self._others = deque(others)
        self.view = View(player.user_id)
        self.cuts = 0
        """Connections that ended."""
        self.connections = 0
        self.deliveries = 0
        self.duplicates = 0
        self.fresh_starts = 0
        """An `initial_state` although the position was one to go on from."""
        self.reconnect_delays_ms: list[int] = []
        self.close_codes: list[int | None] = []
        self._random = random
        self._heartbeat_s = heartbeat_s
        self._epoch: str | None = None
        self._after_ms: int | None = None
        self._moved = asyncio.Event()

    @property
    def since(self) -> str | None:
        """The position to resume from; None before the first state."""
        return f"{self._epoch}:{self.view.seq}" if self.view.state is not None else None

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            connections = self.connections
            with suppress(*UNREACHABLE):
                await self._connect_once()
            if self.connections == connections and self._others:
                self._others.append(self.ws_url)
                self.ws_url = self._others.popleft()
            await asyncio.sleep(self._pause_ms() / 1000)

    async def until(self, seq: int, timeout_s: float = 60.0) -> None:
        """Wait until the view has reached this number."""
        async with asyncio.timeout(timeout_s):
            while self.view.state is None or self.view.seq < seq:
                self._moved.clear()
                await self._moved.wait()

    async def _connect_once(self) -> None:
        query = f"?token={self.player.access_token}"
        query += f"&since={self.since}" if self.since else ""
        async with connect(
            self.ws_url + SYNC + query,
            proxy=None,
            compression=None,
            max_size=None,
            open_timeout=3,
            close_timeout=0.2,
            ping_interval=self._heartbeat_s,
            ping_timeout=self._heartbeat_s,
        ) as socket:
            self.connections += 1
            try:
                await self._listen(socket)
            finally:
                self.cuts += 1
                self.close_codes.append(socket.close_code)

    async def _listen(self, socket: ClientConnection) -> None:
        async for text in socket:
            self._see(json.loads(text))

    def _see(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "reconnect":
            self._after_ms = frame["after_ms"]
            self.reconnect_delays_ms.append(frame["after_ms"])
        elif frame["type"] == "sync_connected":
            self._epoch = frame["epoch"]
        elif frame["type"] == "initial_state":
            self.fresh_starts += self.view.state is not None
        else:
            self.deliveries += 1
            if frame["seq"] <= self.view.seq:
                self.duplicates += 1
                return
        self.view.see(frame)
        self._moved.set()

    def _pause_ms(self) -> int:
        after_ms, self._after_ms = self._after_ms, None
        return self._random.randint(*BACKOFF_MS) if after_ms is None else after_ms


@asynccontextmanager
async def staying_connected(devices: Iterable[ResumingClient]) -> AsyncIterator[None]:
    """All of these devices run until the context ends; begins when each has its first state."""
    devices = list(devices)
    async with AsyncExitStack() as stack:
        group = await stack.enter_async_context(asyncio.TaskGroup())
        running = [group.create_task(device.run()) for device in devices]
        for device in devices:
            await device.until(0)
        try:
            yield
        finally:
            for task in running:
                task.cancel()
