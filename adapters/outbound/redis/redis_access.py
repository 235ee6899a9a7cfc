"""Redis connection settings: URL, TLS, credentials, channel prefix."""

from collections.abc import Callable
from typing import Any, cast

import hiredis
from attrs import field, frozen
from redis.asyncio.connection import AbstractConnection, ConnectionPool, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from adapters.outbound.tls.tls_options import TlsOptions, connect_failure

CONNECT_S = 2.0
"""Timeout of a TCP connect, with the TLS handshake."""

packed = cast("Callable[[tuple[bytes, ...]], bytes]", hiredis.pack_command)
"""Encode a command for the wire (RESP)."""


@frozen(kw_only=True)
class RedisAccess:
    """Connection settings.

    `url` is a URL of redis-py: redis://, rediss:// (TLS) or unix://, with user, password and
    options. `prefix` is prepended to all channels: pub/sub ignores database numbers, so deployments
    that share a Redis are separated by their prefixes. `tls` applies to rediss://.
    """

    url: str = field(repr=False)
    prefix: str = "synchub."
    tls: TlsOptions = field(factory=TlsOptions)

    @property
    def address(self) -> str:
        """Host and port, or socket path, for operators; without secrets."""
        options = parse_url(self.url)
        path: str | None = options.get("path")
        return path or f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"

    @property
    def uses_tls(self) -> bool:
        """Whether the connections are encrypted."""
        return self.url.startswith("rediss://")

    @property
    def tls_arguments(self) -> dict[str, Any]:
        """What redis-py needs besides the URL."""
        return self.tls.for_redis() if self.uses_tls else {}

    def client_arguments(self, name: str, timeout_s: float) -> dict[str, Any]:
        """The arguments of all clients of redis-py besides the URL. They do not retry: whoever
        counts in Redis counts by himself while it is away."""
        return {
            "client_name": name,
            "protocol": 2,
            "socket_connect_timeout": timeout_s,
            "socket_timeout": timeout_s,
            "retry": Retry(NoBackoff(), 0),
            **self.tls_arguments,
        }

    @property
    def host(self) -> str | None:
        """The server's name; None for a socket on this machine."""
        options = parse_url(self.url)
        return None if "path" in options else str(options.get("host", "localhost"))

    async def connect(self, connection: AbstractConnection) -> None:
        """Connect and sign in; raises with a hint if only one end uses TLS."""
        if self.uses_tls:
            self.tls.context()  # redis-py reads the same files, but does not name a wrong one
        try:
            await connection.connect()  # type: ignore[no-untyped-call]
        except (RedisError, OSError) as error:
            raise connect_failure(error, tls=self.uses_tls) from error

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
        options |= self.tls_arguments
        connection: AbstractConnection = pool.connection_class(**options)
        return connection


def check_redis_url(text: str) -> None:
    """ValueError if this is not a Redis URL, or one that does not verify the server; the error text
    contains no secrets."""
    try:
        options = parse_url(text)
    except ValueError:
        raise ValueError("must begin with redis://, rediss:// or unix://") from None
    if refused := sorted(set(options) & _NOT_IN_URLS):
        raise ValueError(f"takes no {', '.join(refused)}: servers are verified, by SYNCHUB_REDIS_…")


_NOT_IN_URLS = {
    "ssl_ca_certs",
    "ssl_ca_data",
    "ssl_ca_path",
    "ssl_cert_reqs",
    "ssl_check_hostname",
    "ssl_ciphers",
    "ssl_exclude_verify_flags",
    "ssl_include_verify_flags",
    "ssl_min_version",
}
