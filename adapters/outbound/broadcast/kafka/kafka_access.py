"""How to get at Kafka."""

import ssl
from asyncio import timeout
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import create_conn
from attrs import field, frozen

REQUEST_TIMEOUT_S = 2.0
"""Nothing that a broker is asked for takes longer, unless it hangs."""

METADATA_AGE_S = 2.0
"""How soon a partition that was added, or a topic that was made anew, is noticed."""

REFUSAL_S = 0.5


@frozen(kw_only=True)
class KafkaAccess:
    """Which Kafka, how to get in, and the topic there that carries everything.

    `servers` are `host:port`; `partitions` and `replication` count when the topic is created.
    """

    servers: tuple[str, ...]
    topic: str = "synchub"
    partitions: int = 12
    replication: int = 1
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str = "PLAIN"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None

    def client(self) -> Any:
        """An AIOKafkaClient, not connected."""
        return AIOKafkaClient(
            bootstrap_servers=list(self.servers),
            metadata_max_age_ms=int(METADATA_AGE_S * 1000),
            **self._options(),
        )

    async def refusal(self) -> Exception:
        """Why the first server does not let us in; aiokafka's client does not tell."""
        host, _, port = self.servers[0].rpartition(":")
        try:
            async with timeout(REFUSAL_S):
                connection = await create_conn(host, int(port), **self._options())
        except Exception as error:
            return error
        connection.close()
        return OSError("no answer in time")

    def _options(self) -> dict[str, Any]:
        tls = self.security_protocol.endswith("SSL")
        return {
            "client_id": "synchub",
            "request_timeout_ms": int(REQUEST_TIMEOUT_S * 1000),
            "security_protocol": self.security_protocol,
            "ssl_context": ssl.create_default_context(cafile=self.ca_file) if tls else None,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }
