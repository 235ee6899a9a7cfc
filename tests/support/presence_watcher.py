"""An operator's monitor that stays connected: snapshot, joins and leaves."""

import asyncio
import json
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import connect

from tests.support.client import MONITOR, Client
from tests.support.resuming_client import UNREACHABLE

PAUSE_S = 0.1


class PresenceWatcher:
    """Runs as a task and keeps the connected users."""

    def __init__(self, admin: Client, ws_url: str) -> None:
        self.users: set[int] | None = None
        """None while it has no connection."""
        self._moved = asyncio.Event()
        self._url = f"{ws_url}{MONITOR}?token={admin.access_token}"

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            with suppress(*UNREACHABLE):
                async with connect(self._url, proxy=None, max_size=None, open_timeout=5) as socket:
                    async for text in socket:
                        self._see(json.loads(text))
            self.users = None
            await asyncio.sleep(PAUSE_S)

    async def until(self, expected: set[int], timeout_s: float = 60.0) -> None:
        """Return when it shows these users."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.users != expected:
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise AssertionError(f"shows {self.users}, not {expected}") from None

    def _see(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "monitor_snapshot":
            self.users = set(frame["connected_users"])
        elif self.users is not None and frame["type"] == "presence_join":
            assert frame["user_id"] not in self.users, "it had joined"
            self.users.add(frame["user_id"])
        elif self.users is not None and frame["type"] == "presence_leave":
            self.users.remove(frame["user_id"])
        self._moved.set()
