"""All settings, from a TOML file and the environment (which wins).

The file is `synchub.toml` in the working directory, or what `SYNCHUB_SETTINGS` names. Setting `x`
of group `g` is `x` under `[synchub.g]` in the file and `SYNCHUB_G_X` in the environment.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from ipaddress import ip_address
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import typed_settings as ts
from attrs.validators import deep_iterable, disabled, ge, le, matches_re
from typed_settings.constants import METADATA_KEY
from typed_settings.exceptions import TsError

from adapters.outbound.broadcast.redis.redis_access import RedisAccess, check_redis_url
from adapters.outbound.sql.engines import parse_database_url, remote_hosts
from adapters.outbound.tls.tls_options import TlsOptions

DEV_SECRET = "for-development-only-never-for-production"  # noqa: S105 (refused in prod)
MIN_SECRET_BYTES = 32

Option: TypeAlias = "attrs.Attribute[Any]"


class SettingsError(Exception):
    """What is wrong with the settings, a line each, for the person who runs the product."""


class Environment(StrEnum):
    """`prod` is strict: it refuses public secrets and logs JSON."""

    DEV = "dev"
    PROD = "prod"


class LogLevel(StrEnum):
    """The least level that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class BroadcasterKind(StrEnum):
    """The carrier of messages between nodes."""

    MEMORY = "memory"
    REDIS = "redis"
    KAFKA = "kafka"


class KafkaSecurity(StrEnum):
    """How the connection to Kafka is secured."""

    PLAINTEXT = "plaintext"
    SSL = "ssl"
    SASL_PLAINTEXT = "sasl_plaintext"
    SASL_SSL = "sasl_ssl"


class PostgresTls(StrEnum):
    """Whether connections to PostgreSQL are encrypted; if so, the server is always verified."""

    OFF = "off"
    VERIFY_FULL = "verify-full"


class SaslMechanism(StrEnum):
    """How to sign in at Kafka."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


Validator = Callable[[Any, Option, Any], None]


def _number(default: float, takes: str, low: float, high: float) -> Any:
    return ts.option(default=default, help=takes, validator=[ge(low), le(high)])


def _checked(check: Callable[[str], object]) -> Validator:
    """A validator for what raises ValueError on a wrong value."""

    def validate(_instance: Any, _option: Option, value: str) -> None:
        check(value)

    return validate


def _check_secret(_instance: Any, _option: Option, secret: ts.SecretStr) -> None:
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise ValueError("too short")


def _check_servers(servers: str) -> None:
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or not port.isdecimal() or not 1 <= int(port) <= 65_535:
            raise ValueError(f"{server.strip()!r} is no host:port")


def _secret_optional(_instance: Any, _option: Option, secret: ts.SecretStr) -> None:
    if secret:
        _check_secret(_instance, _option, secret)


def _address_of_database(text: str) -> str:
    """A database URL for people, without its password."""
    try:
        return parse_database_url(text).render_as_string(hide_password=True)
    except ValueError:
        return "no database URL"


def _address_of_redis(text: str) -> str:
    try:
        check_redis_url(text)
    except ValueError:
        return "no Redis URL"
    return RedisAccess(url=text).address


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
        validator=_secret_optional,
    )
    previous_secrets: list[ts.SecretStr] = ts.option(
        factory=list,
        help="secrets whose messages are still accepted, comma-separated",
        validator=deep_iterable(_check_secret),
    )


@ts.settings(frozen=True)
class RealtimeSettings:
    """How sockets are treated."""

    buffer_bytes: int = _number(
        256 * 1024, "bytes that may wait for one socket, from 16384", 16_384, 2**30
    )
    stall_s: float = _number(
        30.0, "seconds after which a socket that takes nothing is closed, from 1", 1, 3600
    )
    heartbeat_s: float = _number(20.0, "seconds between pings, from 1 to 60", 1, 60)
    messages_per_10s: int = _number(
        60, "messages that a client may send in ten seconds, from 1", 1, 100_000
    )
    drain_s: float = _number(
        10.0, "seconds that a stopping node takes to send its clients away, from 0", 0, 600
    )
    presence_grace_s: float = _number(
        10.0, "seconds that a user may be gone before monitors see it, from 0", 0, 600
    )
    lease_s: float = _number(
        8.0, "seconds after which a silent node's users count as gone, from 0.2", 0.2, 600
    )
    check_interval_s: float = _number(
        2.0, "seconds between looks for what no broker announced, from 0.05", 0.05, 60
    )


@ts.settings(frozen=True)
class JournalSettings:
    """How long a client may be away and still go on where it was."""

    keep_s: float = _number(
        7 * 86_400, "seconds that events are kept, from 60", 60, 10 * 366 * 86_400
    )
    keep_events: int = _number(10_000, "events kept per user, from 100", 100, 10**9)
    trim_interval_s: float = _number(10.0, "seconds between trims, from 0.05", 0.05, 3600)


@ts.settings(frozen=True)
class LegacySettings:
    """The deprecated `/api/games/ws`."""

    enabled: bool = ts.option(default=True, help="true or false")
    sunset: str = ts.option(
        default="Wed, 30 Jun 2027 23:59:59 GMT", help="an HTTP date, for the Sunset header"
    )


@ts.settings(frozen=True)
class RedisSettings(TlsFiles):
    """Where the `redis` broadcaster finds its server, or any server of its cluster."""

    url: str = ts.option(
        default="redis://127.0.0.1:6379/0",
        help="redis://user:password@host:port, rediss:// for TLS, or unix://path",
        validator=_checked(check_redis_url),
        repr=_address_of_redis,
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
        validator=_checked(_check_servers),
    )
    topic: str = ts.option(
        default="synchub",
        help="letters, digits, dots, dashes and _, at most 249",
        validator=matches_re(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}"),
    )
    partitions: int = _number(12, "partitions of the topic when it is created, from 1", 1, 1000)
    replication: int = _number(1, "replicas of the topic when it is created, from 1", 1, 9)
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


@ts.settings(frozen=True)
class Settings:
    """What a deployment may choose. `help` says what a setting takes."""

    env: Environment = ts.option(default=Environment.DEV, help="dev or prod")
    host: str = ts.option(default="127.0.0.1", help="an address to listen on")
    port: int = _number(8000, "a port from 1 to 65535", 1, 65_535)
    workers: int = _number(
        1, "processes that serve the port, from 1 to 256; more than 1 need redis or kafka", 1, 256
    )
    database_url: str = ts.option(
        default="sqlite:///data/synchub.db",
        help="sqlite:///path/to/file.db or postgresql://user:password@host/name",
        validator=_checked(parse_database_url),
        repr=_address_of_database,
    )
    broadcaster: BroadcasterKind = ts.option(
        default=BroadcasterKind.MEMORY,
        help="memory (one process, no other server), redis or kafka",
    )
    jwt_secret: ts.SecretStr = ts.secret(
        default=ts.SecretStr(DEV_SECRET),
        help=f"a secret of at least {MIN_SECRET_BYTES} bytes",
        validator=_check_secret,
    )
    jwt_previous_secrets: list[ts.SecretStr] = ts.option(
        factory=list,
        help="secrets whose tokens are still accepted, comma-separated",
        validator=deep_iterable(_check_secret),
    )
    access_token_s: int = _number(3600, "seconds an access token lives, from 5", 5, 86_400)
    refresh_token_s: int = _number(
        30 * 86_400, "seconds a refresh token lives, from 60", 60, 400 * 86_400
    )
    allow_plaintext_links: bool = ts.option(
        default=False, help="true if prod may talk to other hosts without TLS, else false"
    )
    log_level: LogLevel = ts.option(default=LogLevel.INFO, help="debug, info, warning or error")
    realtime: RealtimeSettings = RealtimeSettings()
    journal: JournalSettings = JournalSettings()
    legacy: LegacySettings = LegacySettings()
    postgres: PostgresSettings = PostgresSettings()
    broker: BrokerSettings = BrokerSettings()
    redis: RedisSettings = RedisSettings()
    kafka: KafkaSettings = KafkaSettings()


def load_settings() -> Settings:
    """The settings of this process; SettingsError names each wrong one and what it takes."""
    try:
        # Validators run below, so that all wrong settings are named at once.
        with disabled():
            settings = ts.load(
                Settings, "synchub", ["synchub.toml"], config_files_var="SYNCHUB_SETTINGS"
            )
    except (TsError, ValueError, TypeError) as error:
        raise SettingsError("\n".join(_explain(error))) from error
    if problems := list(_problems(settings)) or list(_unsafe(settings)):
        raise SettingsError("\n".join(problems))
    return settings


def _problems(settings: Settings) -> Iterator[str]:
    """A line for each value that is wrong, alone or together with others."""
    for name, option in _options(Settings):
        value = attrgetter(name)(settings)
        try:
            if option.validator is not None:
                option.validator(settings, option, value)
        except ValueError as error:
            yield _wrong(name, option, _reason(error, option, value))
    secrets = [settings.jwt_secret, *settings.jwt_previous_secrets]
    if settings.env is Environment.PROD and DEV_SECRET in secrets:
        yield "SYNCHUB_JWT_SECRET takes a secret of your own when SYNCHUB_ENV is prod"
    kafka = settings.kafka
    security = kafka.security_protocol
    if security.startswith("sasl") and not (kafka.username and kafka.password):
        yield f"SYNCHUB_KAFKA_USERNAME and SYNCHUB_KAFKA_PASSWORD are needed for {security}"
    yield from _wrong_files(settings)


def _unsafe(settings: Settings) -> Iterator[str]:
    """What valid settings leave open and `prod` does not permit."""
    if settings.env is Environment.PROD and not settings.allow_plaintext_links:
        for link in plaintext_links(settings):
            yield f"{link}, or set SYNCHUB_ALLOW_PLAINTEXT_LINKS=true"


def _wrong_files(settings: Settings) -> Iterator[str]:
    groups = {"POSTGRES": settings.postgres, "REDIS": settings.redis, "KAFKA": settings.kafka}
    for group, files in groups.items():
        for name in ("ca_file", "cert_file", "key_file"):
            path = getattr(files, name)
            if path and not Path(path).is_file():
                takes = getattr(attrs.fields(TlsFiles), name).metadata[METADATA_KEY]["help"]
                yield f"SYNCHUB_{group}_{name.upper()} takes {takes} ({path} is none)"


def plaintext_links(settings: Settings) -> Iterator[str]:
    """A line for each server on another host that would be talked to without TLS."""
    url = parse_database_url(settings.database_url)
    if settings.postgres.link() is None:
        for host in filter(_is_remote, remote_hosts(url)):
            yield f"SYNCHUB_POSTGRES_TLS takes verify-full for the database on {host}"
    match settings.broadcaster:
        case BroadcasterKind.REDIS:
            redis = RedisAccess(url=settings.redis.url)
            if not redis.uses_tls and redis.host and _is_remote(redis.host):
                yield f"SYNCHUB_REDIS_URL takes rediss:// for the Redis on {redis.host}"
        case BroadcasterKind.KAFKA if not settings.kafka.security_protocol.endswith("ssl"):
            for server in settings.kafka.servers():
                if _is_remote(server.rpartition(":")[0]):
                    yield f"SYNCHUB_KAFKA_SECURITY_PROTOCOL takes sasl_ssl or ssl for {server}"


def _is_remote(host: str) -> bool:
    """Whether packets to this host leave the machine."""
    try:
        return not ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host != "localhost"


def _reason(error: ValueError, option: Option, value: object) -> str:
    """The error's own words, unless they are those of an attrs validator."""
    words = str(error.args[0])
    return f"not {value}" if words.startswith(f"'{option.name}' must") else words


def _explain(error: Exception) -> Iterator[str]:
    """A line for each thing that could not be loaded."""
    if isinstance(error, ExceptionGroup):
        for part in error.exceptions:
            yield from _explain(part)
        return
    message = str(error)
    named = re.search(r"for option '([a-z0-9_.]+)'", message)
    options = dict(_options(Settings))
    if named and named[1] in options:
        yield _wrong(named[1], options[named[1]], message)
    else:
        yield message


def _wrong(name: str, attribute: Option, why: str) -> str:
    takes = attribute.metadata[METADATA_KEY]["help"]
    return f"SYNCHUB_{name.replace('.', '_').upper()} takes {takes} ({why})"


def _options(cls: type[Any], prefix: str = "") -> Iterator[tuple[str, Option]]:
    """All settings by dotted name."""
    for attribute in attrs.fields(cls):
        if isinstance(attribute.type, type) and attrs.has(attribute.type):
            yield from _options(attribute.type, f"{attribute.name}.")
        else:
            yield f"{prefix}{attribute.name}", attribute
