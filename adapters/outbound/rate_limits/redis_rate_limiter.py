"""A rate limiter whose nodes share what they count, through Redis.

Each node decides by its own counts, and adds them to those of the others in the background: no
request waits for Redis. Only keys that have used a part of their limit are exchanged, so honest
users cause no traffic. Without Redis, each node goes on by itself.
"""

import asyncio
import logging
from typing import Any

from limits.aio.storage import RedisClusterStorage, RedisStorage
from redis.asyncio.connection import parse_url
from redis.exceptions import MovedError, RedisClusterException, RedisError

from adapters.outbound.rate_limits.memory_rate_limiter import MemoryRateLimiter
from adapters.outbound.rate_limits.windows import Windows
from adapters.outbound.redis.redis_access import RedisAccess
from application.ports.clock import Clock
from application.ports.telemetry import Counted, Telemetry

logger = logging.getLogger("synchub.limits")

SHARE_S = 1.0
"""How long one exchange may take: a server that needs longer hangs."""

KEYS_AT_ONCE = 256
"""Keys that one exchange carries, those with the highest counts first."""


class RedisRateLimiter(MemoryRateLimiter):
    """`access` is for a server, or for any server of a cluster."""

    def __init__(
        self,
        clock: Clock,
        telemetry: Telemetry,
        max_keys: int,
        access: RedisAccess,
    ) -> None:
        super().__init__(clock, telemetry, max_keys)
        self._url = access.url
        self._options = access.client_arguments("synchub-limits", SHARE_S)
        self._prefix = f"{access.prefix}limits"
        self._storage: RedisStorage | None = None
        self._away = False

    async def share(self) -> None:
        try:
            async with asyncio.timeout(SHARE_S):
                await self._exchange()
        except MovedError:  # the server belongs to a cluster
            await self.close()
            self._storage = self._cluster_storage()
        except (
            RedisError,
            RedisClusterException,
            OSError,
        ) as error:  # TimeoutError is one of the latter
            self._telemetry.count(Counted.LIMITER_FAILURES, "share")
            if not self._away:
                self._away = True
                why = f"{type(error).__name__}: {error}"
                logger.warning("limits are counted per node: Redis is away", extra={"why": why})
        else:
            if self._away:
                self._away = False
                logger.info("limits are counted over all nodes again")

    async def close(self) -> None:
        storage, self._storage = self._storage, None
        if storage is not None:
            bridge: Any = storage.bridge  # nothing public closes it
            await bridge.get_connection().aclose()

    async def _exchange(self) -> None:
        if self._storage is None:
            self._storage = self._server_storage()
        for name, windows in list(self._windows.items()):
            number = windows.number
            for key in self._due(windows):
                await self._exchange_key(self._storage, name, windows, key)
                if windows.number != number:  # a new window began meanwhile
                    break

    def _due(self, windows: Windows) -> list[str]:
        by_count = sorted(windows.touched, key=lambda key: -windows.current.get(key, 0))
        return by_count[:KEYS_AT_ONCE]

    async def _exchange_key(
        self, storage: RedisStorage, name: str, windows: Windows, key: str
    ) -> None:
        number, sent = windows.number, windows.unshared(key)
        expiry_s = 2 * windows.length
        windows.touched.discard(key)
        try:
            total = await storage.incr(f"{name}/{number}/{key}", expiry_s, sent)
        except BaseException:
            windows.touched.add(key)
            raise
        if windows.number == number:
            windows.learn(key, total, sent)

    def _server_storage(self) -> RedisStorage:
        url = self._url
        scheme = "async+redis+unix" if url.startswith("unix:") else f"async+{url.partition(':')[0]}"
        return RedisStorage(
            f"{scheme}:{url.partition(':')[2]}",
            implementation="redispy",
            key_prefix=self._prefix,
            **self._options,
        )

    def _cluster_storage(self) -> RedisStorage:
        options: dict[str, Any] = dict(parse_url(self._url))
        connection_class = options.pop("connection_class", None)
        host, port = options.pop("host", "localhost"), options.pop("port", 6379)
        options.pop("db", None)
        return RedisClusterStorage(
            f"async+redis+cluster://{host}:{port}",
            implementation="redispy",
            key_prefix=self._prefix,
            **{**options, "ssl": connection_class is not None, **self._options},
        )
