"""A node whose `/echo` sends back what it gets, through the product's own transport."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.inbound.websocket.transport.handshake import EXTENSION
from application.frames.frame import Frame
from tests.support.node import Node, node_settings, running_node

ECHO = "/echo"


@asynccontextmanager
async def echo_node(folder: Path) -> AsyncIterator[Node]:
    """A node like any other, but for one path."""
    async with running_node(node_settings(folder), wrap=_with_echo) as node:
        yield node


def _with_echo(app: Any) -> Any:
    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket" and scope["path"] == ECHO:
            await receive()
            await send({"type": "websocket.accept"})
            await _echo(scope["extensions"][EXTENSION])
        else:
            await app(scope, receive, send)

    return serve


async def _echo(connection: Any) -> None:
    """Every message comes back as text, which is all that the product sends."""

    def answer(message: str | bytes) -> None:
        data = message.encode() if isinstance(message, str) else message
        connection.write(Frame(data))

    async def end() -> None:
        pass

    await connection.listen(answer, end)
