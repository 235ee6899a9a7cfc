"""The publishing connection: sends messages in pipelines."""

from asyncio import timeout
from collections.abc import Sequence

from redis.asyncio.connection import AbstractConnection

from adapters.outbound.redis.redis_access import packed

PIPELINE_S = 2.0
"""Timeout of a pipeline; a server that takes longer hangs."""


class RedisPublisher:
    """A connection that is used for publishing only."""

    def __init__(self, connection: AbstractConnection, *, sharded: bool) -> None:
        self._connection = connection
        self._command = b"SPUBLISH" if sharded else b"PUBLISH"

    async def publish(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        """Send (channel, payload) pairs in one pipeline; return when the server has confirmed
        all."""
        command, connection = self._command, self._connection
        commands = [packed((command, channel, payload)) for channel, payload in messages]
        async with timeout(PIPELINE_S):
            await connection.send_packed_command(commands, check_health=False)
            for _ in commands:
                await connection.read_response(disable_decoding=True)
