"""Publishes in pipelines."""

from asyncio import timeout
from collections.abc import Sequence

from redis.asyncio.connection import AbstractConnection

from adapters.outbound.broadcast.redis.redis_access import packed

PATIENCE_S = 2.0
"""A server that takes longer for a pipeline hangs."""


class RedisPublisher:
    """One connection that does nothing else."""

    def __init__(self, connection: AbstractConnection, *, sharded: bool) -> None:
        self._connection = connection
        self._command = b"SPUBLISH" if sharded else b"PUBLISH"

    async def publish(self, messages: Sequence[tuple[bytes, bytes]]) -> None:
        """Channels and payloads, in one go; returns when the server has confirmed each."""
        command, connection = self._command, self._connection
        commands = [packed((command, channel, payload)) for channel, payload in messages]
        async with timeout(PATIENCE_S):
            await connection.send_packed_command(commands, check_health=False)
            for _ in commands:
                await connection.read_response(disable_decoding=True)
