"""Settings of the connections to databases and brokers."""

import typed_settings as ts
from attrs.validators import deep_iterable, matches_re

from adapters.outbound.redis.redis_access import check_redis_url
from adapters.outbound.tls.tls_options import TlsOptions
from bootstrap.settings.choices import KafkaSecurity, PostgresTls, SaslMechanism
from bootstrap.settings.options import (
    MIN_SECRET_BYTES,
    address_of_redis,
    check_optional_secret,
    check_secret,
    check_servers,
    checked,
    number,
)


@ts.settings(frozen=True)
class TlsFiles:
    """PEM files for connections with TLS."""

    ca_file: str = ts.option(
        default="", help="a file of CA certificates for TLS; the system's when empty"
    )
    cert_file: str = ts.option(
        default="", help="a file with a client certificate, for servers that require one"
    )
    key_file: str = ts.option(default="", help="a file with the key of that certificate")

    def tls_options(self) -> TlsOptions:
        """Of an adapter."""
        return TlsOptions(
            ca_file=self.ca_file or None,
            cert_file=self.cert_file or None,
            key_file=self.key_file or None,
        )


@ts.settings(frozen=True)
class PostgresSettings(TlsFiles):
    """How connections to PostgreSQL are secured."""

    tls: PostgresTls = ts.option(default=PostgresTls.OFF, help="off or verify-full")

    def link(self) -> TlsOptions | None:
        """None: connections are not encrypted."""
        return self.tls_options() if self.tls is PostgresTls.VERIFY_FULL else None


@ts.settings(frozen=True)
class BrokerSettings:
    """Messages between nodes, whatever the broker."""

    secret: ts.SecretStr = ts.secret(
        default=ts.SecretStr(""),
        help=f"a secret of at least {MIN_SECRET_BYTES} bytes with which nodes sign messages",
        validator=check_optional_secret,
    )
    previous_secrets: list[ts.SecretStr] = ts.option(
        factory=list,
        help="secrets whose messages are still accepted, comma-separated",
        validator=deep_iterable(check_secret),
    )


@ts.settings(frozen=True)
class RedisSettings(TlsFiles):
    """Where the `redis` broadcaster finds its server, or any server of its cluster."""

    url: str = ts.option(
        default="redis://127.0.0.1:6379/0",
        help="redis://user:password@host:port, rediss:// for TLS, or unix://path",
        validator=checked(check_redis_url),
        repr=address_of_redis,
    )
    prefix: str = ts.option(
        default="synchub.", help="what channels begin with, another for each deployment"
    )


@ts.settings(frozen=True)
class KafkaSettings(TlsFiles):
    """The Kafka through which nodes tell each other, when the broadcaster is kafka."""

    bootstrap_servers: str = ts.option(
        default="127.0.0.1:9092",
        help="host:port, comma-separated",
        validator=checked(check_servers),
    )
    topic: str = ts.option(
        default="synchub",
        help="letters, digits, dots, dashes and _, at most 249",
        validator=matches_re(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}"),
    )
    partitions: int = number(12, "partitions of the topic when it is created, from 1", 1, 1000)
    replication: int = number(1, "replicas of the topic when it is created, from 1", 1, 9)
    security_protocol: KafkaSecurity = ts.option(
        default=KafkaSecurity.PLAINTEXT, help="plaintext, ssl, sasl_plaintext or sasl_ssl"
    )
    sasl_mechanism: SaslMechanism = ts.option(
        default=SaslMechanism.PLAIN, help="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"
    )
    username: str = ts.option(default="", help="a name to sign in with, for sasl_…")
    password: ts.SecretStr = ts.secret(
        default=ts.SecretStr(""), help="the password of that name, for sasl_…"
    )

    def servers(self) -> tuple[str, ...]:
        """Each `host:port`."""
        return tuple(server.strip() for server in self.bootstrap_servers.split(","))
