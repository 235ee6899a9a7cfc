"""Waiting for conditions on a server."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_S = 0.05


async def eventually(condition: Callable[[], Awaitable[bool]], timeout_s: float = 20.0) -> None:
    """Return when the condition holds; TimeoutError if it never does."""
    async with asyncio.timeout(timeout_s):
        holds = await condition()
        while not holds:
            await asyncio.sleep(LOOK_S)
            holds = await condition()
