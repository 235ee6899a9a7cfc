"""Players that many tests share, since none of these tests changes them."""

import httpx
import pytest_asyncio

from tests.support.client import Client, sign_up_admin
from tests.support.node import Node


@pytest_asyncio.fixture(scope="module")
async def victim(http: httpx.AsyncClient, node: Node) -> Client:
    """A player whom bad input must not affect; an operator, so that every call is allowed."""
    return await sign_up_admin(http, node)
