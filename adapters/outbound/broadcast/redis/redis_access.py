"""Redis connection settings: URL, TLS, credentials, channel prefix."""

from collections.abc import Callable
from typing import Any, cast

import hiredis
from attrs import frozen
from redis.asyncio.connection import AbstractConnection, ConnectionPool, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CONNECT_S = 1.0
"""Timeout of a TCP connect."""

packed = cast("Callable[[tuple[bytes, ...]], bytes]", hiredis.pack_command)
"""Encode a command for the wire (RESP)."""


@frozen(kw_only=True)
class RedisAccess:
    """Connection settings.

    `url` is a URL of redis-py: redis://, rediss:// (TLS) or unix://, with user, password and
    options. `prefix` is prepended to all channels: pub/sub ignores database numbers, so deployments
    that share a Redis are separated by their prefixes.
    """

    url: str
    prefix: str = "synchub."

    @property
    def address(self) -> str:
        """Host and port, or socket path, for operators; without secrets."""
        options = parse_url(self.url)
        path: str | None = options.get("path")
        return path or f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"

    def connection(self, server: tuple[str, int] | None = None) -> AbstractConnection:
        """Create a connection, not yet connected. `server` (host, port) replaces that of the URL,
        for the other servers of a cluster."""
        pool = ConnectionPool.from_url(
            self.url,
            client_name="synchub",
            protocol=2,
            socket_connect_timeout=CONNECT_S,
            # RedisConnection has the timeouts, and BrokerBroadcaster retries. Retries within
            # redis-py would multiply these times.
            socket_timeout=None,
            health_check_interval=0,
            retry=Retry(NoBackoff(), 0),
        )
        options: dict[str, Any] = dict(pool.connection_kwargs)
        if server is not None:
            options["host"], options["port"] = server
        connection: AbstractConnection = pool.connection_class(**options)
        return connection


def check_redis_url(text: str) -> None:
    """ValueError if this is not a Redis URL; the error text contains no secrets."""
    try:
        parse_url(text)
    except ValueError:
        raise ValueError("must begin with redis://, rediss:// or unix://") from None
