"""Server-Sent Events as a browser's EventSource reads them (WHATWG HTML, section 9.2)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from attrs import define

from tests.support.client import PATIENCE_S, Client
from tests.support.contract_recorder import see

STREAM = "/api/realtime/stream"


@define
class ServerEvent:
    """One event; `data` is its text, and a comment has nothing else."""

    name: str = "message"
    data: str = ""
    id: str | None = None
    comment: str | None = None

    @property
    def frame(self) -> Any:
        return json.loads(self.data)


@define
class EventStream:
    """An open stream."""

    response: httpx.Response
    lines: AsyncIterator[str]

    async def next(self, timeout_s: float = PATIENCE_S) -> ServerEvent:
        """The next event or comment."""
        event = ServerEvent()
        async with asyncio.timeout(timeout_s):
            while line := await anext(self.lines):
                _take_line(event, line)
        if event.name == "message" and event.data:
            see(str(self.response.url), event.data)
        return event

    async def until(self, frame_type: str) -> ServerEvent:
        """The next event with a frame of this type."""
        while True:
            event = await self.next()
            if event.data and event.frame.get("type") == frame_type:
                return event

    async def until_closed(self, timeout_s: float = PATIENCE_S) -> Any:
        """The data of the close event, after which the response ends."""
        async with asyncio.timeout(timeout_s):
            while (event := await self.next(timeout_s)).name != "close":
                pass
            assert [line async for line in self.lines] == []
        return event.frame


@asynccontextmanager
async def event_stream(
    player: Client, path: str = STREAM, *, token: str | None = None, last_event_id: str = ""
) -> AsyncIterator[EventStream]:
    """The player's stream, left with the context; with an empty `token`, no header is sent."""
    token = player.access_token if token is None else token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    async with player.http.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        yield EventStream(response, response.aiter_lines())


def _take_line(event: ServerEvent, line: str) -> None:
    name, _, value = line.partition(": ")
    if name == "data":
        assert not event.data, "one line of data each"
        event.data = value
    elif name == "event":
        event.name = value
    elif name == "id":
        event.id = value
    elif name == "":
        event.comment = value
    else:
        raise AssertionError(line)
