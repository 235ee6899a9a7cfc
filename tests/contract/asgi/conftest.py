"""Each test of this folder runs on a node with our transport and on one without it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from adapters.inbound.websocket.transport.handshake import EXTENSION
from tests.support.client import http_client
from tests.support.forgetful_budgets import forget_budgets
from tests.support.node import Node, node_settings, running_node


def without_transport(app: Any) -> Any:
    """The application behind a server that passes it nothing but what ASGI specifies."""

    async def plain(scope: Any, receive: Any, send: Any) -> None:
        (scope.get("extensions") or {}).pop(EXTENSION, None)
        await app(scope, receive, send)

    return plain


@pytest_asyncio.fixture(scope="module", params=["transport", "plain"])
async def node(
    request: pytest.FixtureRequest, node: Node, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Node]:
    """The node that all tests share, and one without the transport."""
    if request.param == "transport":
        yield node
        return
    settings = node_settings(tmp_path_factory.mktemp("plain"))
    async with running_node(settings, forget_budgets, wrap=without_transport) as plain:
        yield plain


@pytest_asyncio.fixture(scope="module")
async def http(node: Node) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that node."""
    async with http_client(node) as client:
        yield client
