"""Kafka connection settings: servers, TLS, SASL, topic."""

from asyncio import timeout
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import create_conn
from attrs import field, frozen

from adapters.outbound.tls.tls_options import TlsOptions, connect_failure

REQUEST_TIMEOUT_S = 2.0
"""Timeout of a request; a broker that takes longer hangs."""

METADATA_AGE_S = 2.0
"""Age at which metadata is refreshed: detects added partitions and a recreated topic."""

REFUSAL_S = 2.0
"""Timeout of finding out why a connection was refused."""


@frozen(kw_only=True)
class KafkaAccess:
    """Connection settings, and the Kafka topic for all messages.

    `servers` are `host:port`. `partitions` and `replication` are used only to create the topic.
    `security_protocol` is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
    """

    servers: tuple[str, ...]
    topic: str = "synchub"
    partitions: int = 12
    replication: int = 1
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: TlsOptions = field(factory=TlsOptions)

    @property
    def uses_tls(self) -> bool:
        """Whether the connections are encrypted."""
        return self.security_protocol.endswith("SSL")

    def client(self) -> Any:
        """Create an AIOKafkaClient, not yet connected."""
        return AIOKafkaClient(
            bootstrap_servers=list(self.servers),
            metadata_max_age_ms=int(METADATA_AGE_S * 1000),
            **self._options(),
        )

    async def refusal(self) -> Exception:
        """Find out why the first server refuses connections, which aiokafka's client hides."""
        host, _, port = self.servers[0].rpartition(":")
        try:
            async with timeout(REFUSAL_S):
                connection = await create_conn(host, int(port), **self._options())
        except TimeoutError:
            hint = "TLS is on: does the server speak it here?"
            return OSError(f"no answer in time ({hint})" if self.uses_tls else "no answer in time")
        except Exception as error:
            return connect_failure(error, tls=self.uses_tls)
        connection.close()
        return OSError("no answer in time")

    def _options(self) -> dict[str, Any]:
        return {
            "client_id": "synchub",
            "request_timeout_ms": int(REQUEST_TIMEOUT_S * 1000),
            "security_protocol": self.security_protocol,
            "ssl_context": self.tls.context() if self.uses_tls else None,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }
