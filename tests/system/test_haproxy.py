"""Ambiguous requests through HAProxy: nobody gets another one's answer.

Runs where `haproxy` is installed (`apt-get install haproxy`).
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.node import free_port, node_settings, running_node
from tests.support.smuggling import AMBIGUOUS, CLEAR

pytestmark = pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is missing")

TIMEOUT_S = 20.0
CONFIGURATION = """
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
    http-reuse always
listen node
    bind 127.0.0.1:{port}
    server node 127.0.0.1:{node_port} maxconn 1
"""
"""All clients share one connection to the node, so that a request that hides in another would be
answered to somebody else."""


def with_echo(app: Any) -> Any:
    """Paths below `/victim` are answered with themselves."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/victim"):
            await app(scope, receive, send)
            return
        body = scope["path"].encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve


@asynccontextmanager
async def haproxy(folder: Path, node_port: int) -> AsyncIterator[int]:
    """HAProxy in front of this port; its own port."""
    port = free_port()
    file = folder / "haproxy.cfg"
    file.write_text(CONFIGURATION.format(port=port, node_port=node_port))
    process = await asyncio.create_subprocess_exec(
        "haproxy", "-db", "-f", str(file), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            while not await exchange(port, request("/victim")):  # noqa: ASYNC110 (nothing tells)
                await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        await process.wait()


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()


async def exchange(port: int, sent: bytes) -> bytes:
    """Everything that is answered until the connection is closed."""
    received = b""
    with suppress(ConnectionError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        writer.write_eof()
        async with asyncio.timeout(TIMEOUT_S):
            while data := await reader.read(65_536):
                received += data
        writer.close()
    return received


@pytest_asyncio.fixture(scope="module")
async def proxy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    folder = tmp_path_factory.mktemp("haproxy")
    settings = node_settings(folder)
    async with running_node(settings, wrap=with_echo), haproxy(folder, settings.port) as port:
        yield port


@pytest.mark.parametrize("sent", [*AMBIGUOUS.values(), *CLEAR.values()], ids=[*AMBIGUOUS, *CLEAR])
async def test_everybody_gets_their_own_answer(proxy: int, sent: bytes) -> None:
    """After each attempt, three others ask on the same connection to the node."""
    await exchange(proxy, sent)
    for number in range(3):
        answer = await exchange(proxy, request(f"/victim/{number}"))
        assert answer.startswith(b"HTTP/1.1 200"), answer
        assert answer.endswith(f"/victim/{number}".encode()), answer
