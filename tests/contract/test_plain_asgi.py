"""The endpoints once more, as they are on any other ASGI server: without the transport."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from adapters.inbound.websocket.handshake import EXTENSION
from tests.contract.test_bad_input_messages import *  # noqa: F403 (the same tests)
from tests.contract.test_endpoints import *  # noqa: F403 (the same tests)
from tests.support.client import http_client
from tests.support.node import Node, node_settings, running_node


def without_transport(app: Any) -> Any:
    """The application behind a server that shows it no more than ASGI does."""

    async def plain(scope: Any, receive: Any, send: Any) -> None:
        (scope.get("extensions") or {}).pop(EXTENSION, None)
        await app(scope, receive, send)

    return plain


@pytest_asyncio.fixture(scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    settings = node_settings(tmp_path_factory.mktemp("plain"))
    async with running_node(settings, wrap=without_transport) as running:
        yield running


@pytest_asyncio.fixture(scope="module")
async def http(node: Node) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(node) as client:
        yield client
