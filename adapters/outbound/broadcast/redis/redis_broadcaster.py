"""Messages through pub/sub of Redis 6.2 and later, or Valkey."""

import asyncio

from redis.exceptions import RedisError

from adapters.outbound.broadcast.broker_broadcaster import BrokerBroadcaster
from adapters.outbound.broadcast.redis.redis_access import RedisAccess
from adapters.outbound.broadcast.redis.redis_connection import RedisConnection
from application.ports.message_format import MessageFormat
from application.ports.telemetry import Telemetry
from domain.broadcaster import Capabilities

PATIENCE_S = 1.0
"""How long a subscription waits to be confirmed. By then a broker that hangs is about to be
noticed, and what is missed meanwhile is found in the journal."""


class RedisBroadcaster(BrokerBroadcaster[RedisConnection]):
    """A channel a topic. A node is subscribed to its own topics only, so what it receives does not
    grow with the cluster; on a cluster of Redis' own, sharded pub/sub keeps the servers' traffic
    from growing, too.

    Messages can repeat: when a connection breaks before Redis has confirmed a pipeline, its
    messages are published again.
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
            await asyncio.wait([confirmed], timeout=PATIENCE_S)

    async def unsubscribe(self, topic: str) -> None:
        await super().unsubscribe(topic)
        if self._connection is not None:
            self._connection.change(topic.encode(), wanted=False)
