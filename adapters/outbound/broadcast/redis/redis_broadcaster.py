"""The broadcaster on pub/sub of Redis 6.2 or later, or Valkey."""

import asyncio

from redis.exceptions import RedisError

from adapters.outbound.broadcast.broker_broadcaster import BrokerBroadcaster
from adapters.outbound.broadcast.redis.redis_connection import RedisConnection
from adapters.outbound.redis.redis_access import RedisAccess
from application.ports.message_format import MessageFormat
from application.ports.telemetry import Telemetry
from domain.broadcaster import Capabilities

CONFIRM_S = 1.0
"""How long `subscribe` waits for the confirmation. If a broker hangs, that is detected about then,
and the journal poll finds events that were missed."""


class RedisBroadcaster(BrokerBroadcaster[RedisConnection]):
    """One channel per topic.

    - Scaling: a node subscribes to the topics of its own users only, so its traffic does not grow
      with the number of nodes. In a Redis cluster, sharded pub/sub (Redis 7) keeps a message on the
      server that owns the slot of its channel.
    - Duplicates: if a connection fails before Redis has confirmed a pipeline, its messages are
      published again. Receivers deduplicate by `seq`.
    """

    capabilities = Capabilities(reaches_other_processes=True)
    broker = "Redis"
    known_errors = (RedisError,)

    def __init__(
        self, access: RedisAccess, message_format: MessageFormat, telemetry: Telemetry
    ) -> None:
        super().__init__(access.address, message_format, telemetry)
        self._access = access

    def _new_connection(self) -> RedisConnection:
        return RedisConnection(self._access, self._topics, self._deliver)

    async def subscribe(self, topic: str) -> None:
        await super().subscribe(topic)
        key = topic.encode()
        if self._connection is not None and key in self._topics:
            confirmed = self._connection.change(key, wanted=True)
            await asyncio.wait([confirmed], timeout=CONFIRM_S)

    async def unsubscribe(self, topic: str) -> None:
        await super().unsubscribe(topic)
        if self._connection is not None:
            self._connection.change(topic.encode(), wanted=False)
