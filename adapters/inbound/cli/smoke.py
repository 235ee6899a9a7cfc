"""The command `smoke`: an end-to-end test of a running server.

Signs in over HTTP, opens a WebSocket, spins the slot, and waits for the game event of that spin.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

TIMEOUT_S = 10.0
"""Timeout of each step."""

Print = Callable[[str], Any]
Json = dict[str, Any]


class SmokeFailure(Exception):
    """A step of the test failed; the message is for people."""


async def smoke(base_url: str, site_id: str, password: str, say: Print) -> int:
    """Run the test, printing each step with `say`. Return the exit status: 0 if the event
    arrived."""
    try:
        async with asyncio.timeout(6 * TIMEOUT_S):
            await _run(base_url.rstrip("/"), site_id, password, say)
    except (SmokeFailure, TimeoutError) as failure:
        say(f"FAILED: {failure or 'no answer in time'}")
        return 1
    say("ok: the event of our own spin arrived")
    return 0


async def _run(base: str, site_id: str, password: str, say: Print) -> None:
    token = await _sign_in(base, site_id, password, say)
    async with await _connect(base, token, say) as socket:
        spun = await _call(f"{base}/api/games/slot/spin", {"bet_amount": 1}, token)
        say(f"spun {' '.join(spun['reels'][0])}: won {spun['win_amount']}")
        wanted = {event["id"] for event in spun["events"] if event["type"] == "game_event"}
        while True:
            frame = await _next_frame(socket, say)
            if frame.get("type") == "game_event" and frame.get("id") in wanted:
                return


async def _sign_in(base: str, site_id: str, password: str, say: Print) -> str:
    credentials = {"site_id": site_id, "password": password}
    try:
        answer = await _call(f"{base}/api/auth/login", credentials)
        say(f"signed in as {site_id}")
    except SmokeFailure:
        answer = await _call(f"{base}/api/auth/signup", {**credentials, "nickname": site_id[:30]})
        say(f"signed up as {site_id}")
    return str(answer["access_token"])


async def _connect(base: str, token: str, say: Print) -> ClientConnection:
    """Open `/api/realtime/sync`, or `/api/games/ws` if that fails, and read the first frame."""
    problems = []
    for path in ("/api/realtime/sync", "/api/games/ws"):
        try:
            socket = await connect(
                f"ws{base.removeprefix('http')}{path}",
                additional_headers={"Authorization": f"Bearer {token}"},
                open_timeout=TIMEOUT_S,
            )
            say(f"connected to {path}")
            await _next_frame(socket, say)
        except (OSError, WebSocketException, TimeoutError, SmokeFailure) as error:
            problems.append(f"{path}: {error}")
            say(f"cannot use {path}: {error}")
        else:
            return socket
    raise SmokeFailure("; ".join(problems))


async def _next_frame(socket: ClientConnection, say: Print) -> Json:
    try:
        text = await asyncio.wait_for(socket.recv(), TIMEOUT_S)
    except WebSocketException as error:
        raise SmokeFailure(f"socket closed: {error}") from error
    say(f"  < {text!s}")
    frame: Json = json.loads(text)
    return frame


async def _call(url: str, body: Json, token: str | None = None) -> Json:
    return await asyncio.to_thread(_post, url, body, token)


def _post(url: str, body: Json, token: str | None) -> Json:
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = Request(url, json.dumps(body).encode(), headers)  # noqa: S310 (an operator's URL)
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            result: Json = json.load(answer)
            return result
    except HTTPError as error:
        raise SmokeFailure(f"{url}: {error.code} {error.read().decode()}") from error
    except (URLError, OSError, ValueError) as error:
        raise SmokeFailure(f"{url}: {error}") from error
