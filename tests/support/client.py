"""A client like a front end: REST calls, and WebSockets through a real library."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx
from attrs import define
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.support.node import Node

Json = dict[str, Any]
PASSWORD = "correct horse battery"
SYNC, LEGACY, MONITOR = "/api/realtime/sync", "/api/games/ws", "/api/games/ws/monitor"

PATIENCE_S = 30.0
"""After which something that does not come is given up, also on a busy machine."""

LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=2)
"""httpx' own, but that an idle connection is given up before the server does it, after 5 s: a
request that crosses with the server's FIN fails."""

TRUST = httpx.create_ssl_context()
"""For all clients. None of the servers has TLS, but a client that is not given a context makes one,
which takes longer than most tests."""

_names = itertools.count(1)


@define
class Device:
    """An open WebSocket and every frame that came over it."""

    socket: ClientConnection
    frames: list[Json]

    async def next(self, timeout_s: float = PATIENCE_S) -> Json:
        """The next frame."""
        text = await asyncio.wait_for(self.socket.recv(), timeout_s)
        frame: Json = json.loads(text)
        self.frames.append(frame)
        return frame

    async def until(self, frame_type: str, timeout_s: float = PATIENCE_S, **data: object) -> Json:
        """The next frame of this type whose `data` holds these values."""
        while True:
            frame = await self.next(timeout_s)
            content = frame.get("data", {})
            if frame["type"] == frame_type and data.items() <= content.items():
                return frame

    async def until_user(self, frame_type: str, user_id: int) -> Json:
        """The next frame of this type about this user."""
        while (frame := await self.until(frame_type))["user_id"] != user_id:
            pass
        return frame

    async def until_seq(self, seq: int, timeout_s: float = PATIENCE_S) -> list[Json]:
        """All frames up to the event with this number."""
        while True:
            frame = await self.next(timeout_s)
            if frame.get("seq", 0) >= seq and "data" in frame:
                return self.frames

    async def close_code(self, timeout_s: float = PATIENCE_S) -> int:
        """Wait for the server to close; returns the code."""
        await asyncio.wait_for(self.socket.wait_closed(), timeout_s)
        assert self.socket.close_code is not None
        return self.socket.close_code


@define
class Client:
    """One signed-in user. `call` returns the response, `ok` insists on 200 and returns the body."""

    http: httpx.AsyncClient
    ws_url: str
    user_id: int
    site_id: str
    access_token: str
    refresh_token: str

    async def call(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.access_token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self.http.request(method, path, json=body, headers=headers)

    async def ok(
        self, method: str, path: str, body: object = None, *, key: str | None = None
    ) -> Json:
        response = await self.call(method, path, body, key=key)
        assert response.status_code == 200, response.text
        answer: Json = response.json()
        return answer

    async def spin(self, bet: int = 1) -> Json:
        return await self.ok("POST", "/api/games/slot/spin", {"bet_amount": bet})

    @asynccontextmanager
    async def device(self, path: str = SYNC, since: str | None = None) -> AsyncIterator[Device]:
        """A socket on `path`, which may have a query, closed with the context."""
        url = f"{self.ws_url}{path}{'&' if '?' in path else '?'}token={self.access_token}"
        async with connect(url + (f"&since={since}" if since else ""), max_size=None) as socket:
            yield Device(socket, [])


async def refused_handshake(client: Client, path: str = SYNC) -> int:
    """The status with which the client's handshake is refused."""
    try:
        async with client.device(path):
            raise AssertionError("accepted")
    except InvalidStatus as refused:
        return refused.response.status_code


class Server(Protocol):
    """A node in this process, or a process of its own."""

    @property
    def url(self) -> str: ...
    @property
    def ws_url(self) -> str: ...


@asynccontextmanager
async def http_client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=server.url, timeout=30, limits=LIMITS, verify=TRUST
    ) as http:
        yield http


async def sign_up(http: httpx.AsyncClient, server: Server) -> Client:
    """A new player with a name of its own."""
    site_id = f"player{next(_names)}"
    response = await http.post(
        "/api/auth/signup", json={"site_id": site_id, "nickname": "Nick", "password": PASSWORD}
    )
    assert response.status_code == 200, response.text
    return signed_in(http, server, site_id, response.json())


async def sign_up_admin(http: httpx.AsyncClient, node: Node) -> Client:
    """A new operator."""
    site_id = f"operator{next(_names)}"
    await node.container.create_admin().execute(site_id, PASSWORD)
    return await log_in(http, node, site_id, PASSWORD)


async def log_in(http: httpx.AsyncClient, server: Server, site_id: str, password: str) -> Client:
    """An account that exists, on one more device."""
    body = {"site_id": site_id, "password": password}
    response = await http.post("/api/auth/login", json=body)
    assert response.status_code == 200, response.text
    return signed_in(http, server, site_id, response.json())


def signed_in(http: httpx.AsyncClient, server: Server, site_id: str, answer: Json) -> Client:
    return Client(
        http,
        server.ws_url,
        answer["user"]["id"],
        site_id,
        answer["access_token"],
        answer["refresh_token"],
    )
