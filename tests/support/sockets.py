"""Helpers for tests of WebSockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.client import LEGACY, MONITOR, SYNC, Client, Device

each_socket = pytest.mark.parametrize("path", [SYNC, LEGACY, MONITOR])


@asynccontextmanager
async def bystander(player: Client) -> AsyncIterator[Device]:
    """Another device of the player, which must still answer at the end."""
    async with player.device() as device:
        await device.until("initial_state")
        yield device
        await assert_answers(device)


async def assert_answers(device: Device) -> None:
    await device.socket.send("ping")
    assert await device.until("pong") == {"type": "pong"}
