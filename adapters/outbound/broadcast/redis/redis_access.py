"""Which Redis, and how to get in."""

from collections.abc import Callable
from typing import Any, cast

import hiredis
from attrs import frozen
from redis.asyncio.connection import AbstractConnection, ConnectionPool, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CONNECT_S = 1.0

packed = cast("Callable[[tuple[bytes, ...]], bytes]", hiredis.pack_command)
"""The words of a command as they are sent."""


@frozen(kw_only=True)
class RedisAccess:
    """`url` is one of redis-py's: redis://, rediss:// (TLS) or unix://, with user, password and
    options; `prefix` is what our channels begin with. Pub/sub knows no database numbers, so it is
    the prefix that keeps two deployments apart."""

    url: str
    prefix: str = "synchub."

    @property
    def address(self) -> str:
        """For operators, without secrets."""
        options = parse_url(self.url)
        path: str | None = options.get("path")
        return path or f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"

    def connection(self, server: tuple[str, int] | None = None) -> AbstractConnection:
        """Not connected yet; to another server of the same cluster, if one is named."""
        pool = ConnectionPool.from_url(
            self.url,
            client_name="synchub",
            protocol=2,
            socket_connect_timeout=CONNECT_S,
            # How long to wait, and what to try again, is for the link to say: redis-py's own
            # retries would multiply its times.
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
    """ValueError if it is none; the text of the error holds no secret."""
    try:
        parse_url(text)
    except ValueError:
        raise ValueError("must begin with redis://, rediss:// or unix://") from None
