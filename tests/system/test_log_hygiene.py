"""No secret of a request reaches any output of a node, however the request fares."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.support.carriages import new_ticket
from tests.support.client import MONITOR, PATIENCE_S, SYNC, Client, http_client, sign_up
from tests.support.process import Process, serving
from tests.support.warm_start import PRODUCT

PROD = {
    "SYNCHUB_ENV": "prod",
    "SYNCHUB_JWT_SECRET": "a-secret-of-the-tests-that-is-long-enough",
    "SYNCHUB_REALTIME_QUERY_TOKEN": "on",
}
MARK = "SECRETMARK"
"""Part of every secret that is not a valid one."""


async def _socket(server: Process, target: str, offers: list[str], **headers: str) -> None:
    """Connect, say a few things with secrets, and leave."""
    protocols = [Subprotocol(offer) for offer in offers] or None
    with suppress(OSError, WebSocketException, TimeoutError):
        async with connect(
            server.ws_url + target, subprotocols=protocols, additional_headers=headers, proxy=None
        ) as socket:
            await socket.send(f'{{"type": "auth", "token": "{MARK}-in-band"}}')
            await socket.send(f"{MARK}-no-json")
            await socket.send(f'{{"type": "{MARK}-type"}}')
            for _ in range(4):
                await asyncio.wait_for(socket.recv(), PATIENCE_S)


async def _drive(server: Process, player: Client) -> list[str]:
    """Use every way to carry a token, with valid and with wrong ones; returns the valid ones."""
    tickets = [await new_ticket(player, name) for name in ("sync", "legacy", "monitor", "stream")]
    for path in (SYNC, MONITOR, "/api/realtime/nowhere"):
        for token in (player.access_token, f"{MARK}-token", f"{MARK}%00%ff", MARK * 1000):
            await _socket(server, f"{path}?token={token}&{MARK}={MARK}", [])
            await _socket(server, f"{path}?ticket={token}&since={MARK}", ["synchub.v1"])
        for token in (player.access_token, f"{MARK}-token"):
            await _socket(server, path, ["synchub.v1", f"bearer.{token}"])
            await _socket(server, path, [f"bearer.{token}"])
            await _socket(server, path, [], Authorization=f"Bearer {token}")
        await _socket(server, f"{path}?ticket={tickets[0]}", [])
        await _socket(server, path, [], Origin=f"https://{MARK.lower()}.example")
    for name in ("state", "events", "stream", "nowhere"):
        for query in (f"token={MARK}", f"ticket={tickets[3]}", f"since={MARK}&token={MARK}"):
            await _get(player.http, f"/api/realtime/{name}?{query}")
    for path in ("/api/auth/me", "/schema", "/static/js/main.js", "/health/ready", "/%ff", "/"):
        await _get(player.http, f"{path}?token={player.access_token}&password={MARK}")
    for body in (f'{{"password": "{MARK}"', f'{{"site_id": "{MARK}", "password": "{MARK}-word"}}'):
        await player.http.post(
            f"/api/auth/login?{MARK}", content=body, headers={"Content-Type": "application/json"}
        )
    await _raw(server, f"GET /?{MARK} HTTP/1.1\r\nBad Header {MARK}\r\n\r\n")
    await _raw(server, f"GET {SYNC}?token={MARK} HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
    await _raw(server, f"{MARK} {MARK}\r\n\r\n")
    return [player.access_token, player.refresh_token, *tickets]


async def _get(http: httpx.AsyncClient, path: str) -> None:
    async with http.stream("GET", path) as response:  # one of them does not end
        await anext(response.aiter_raw(), None)


async def _raw(server: Process, request: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request.encode())
    with suppress(ConnectionError, TimeoutError):
        await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()


async def _provoke_faults(player: Client, folder: Path) -> None:
    """Requests that fail inside, with a traceback in the log."""
    with sqlite3.connect(folder / "data" / "synchub.db") as database:
        database.execute("UPDATE accounts SET role = 'emperor'")
        database.execute("DROP TABLE players")
        database.execute("DROP TABLE tickets")
    for path in (f"/api/auth/me?token={MARK}", f"/api/realtime/state?since={MARK}"):
        response = await player.call("GET", path)
        assert response.status_code >= 500
    response = await player.http.get(f"/api/realtime/stream?ticket={MARK}")
    assert response.status_code >= 500


DEBUGGED = {"PYTHONASYNCIODEBUG": "1"}
"""The event loop shows slow calls and what was never awaited."""


@pytest.mark.parametrize("environment", [{}, PROD, DEBUGGED], ids=["dev", "prod", "debugged"])
async def test_nothing_of_a_query_is_logged(tmp_path: Path, environment: dict[str, Any]) -> None:
    """At the most talkative level, with faults and their tracebacks, over every way in."""
    async with (
        serving(tmp_path, SYNCHUB_LOG_LEVEL="debug", **environment) as server,
        http_client(server) as http,
    ):
        player = await sign_up(http, server)
        secrets = await _drive(server, player)
        await _provoke_faults(player, tmp_path)
    output = server.output
    assert "a socket was refused" in output, "the log is empty"
    assert "Traceback" in output, "no fault was logged"
    assert MARK.lower() not in output.lower()
    for secret in secrets:
        assert secret not in output
        assert secret.rpartition(".")[2] not in output


LIBRARIES = """
import logging
import uvicorn
from bootstrap.container import build_container
from bootstrap.logs import configure_logs
from bootstrap.server.node_server import server_config
from bootstrap.settings.choices import LogLevel
from bootstrap.settings.settings import Settings

settings = Settings(log_level=LogLevel.DEBUG)
configure_logs(settings)
server_config(settings, build_container(settings))
uvicorn.Config(None, log_config=None)  # somebody forgets to switch the access log off
logging.getLogger("uvicorn.access").propagate = True
logging.getLogger().setLevel(logging.DEBUG)
names = [
    "uvicorn.access", "uvicorn.error", "uvicorn.asgi", "websockets.server", "websockets.client",
    "synchub.websocket.protocol", "httpx", "httpcore.http11", "asyncio",
]
for name in names:
    logging.getLogger(name).info("SECRETMARK")
    logging.getLogger(name).debug("SECRETMARK")
logging.getLogger("uvicorn.access").critical("SECRETMARK")
logging.getLogger("synchub.http").debug("the log works")
"""


def test_libraries_log_no_requests() -> None:
    """Their lines have addresses with queries, or frames; whoever configures them."""
    ran = subprocess.run(
        [sys.executable, "-c", LIBRARIES], cwd=PRODUCT, capture_output=True, text=True, check=True
    )
    assert "the log works" in ran.stderr
    assert MARK not in ran.stdout + ran.stderr
