"""All settings, from a TOML file and the environment (which wins).

The file is `synchub.toml` in the working directory, or what `SYNCHUB_SETTINGS` names. Setting `x`
of group `g` is `x` under `[synchub.g]` in the file and `SYNCHUB_G_X` in the environment;
`SYNCHUB_G_X_FILE` names a file that holds the value, such as a mounted secret.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import StrEnum
from ipaddress import ip_address
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import attrs
import typed_settings as ts
from attrs.validators import deep_iterable, disabled, ge, in_, le, matches_re, min_len
from typed_settings.constants import METADATA_KEY
from typed_settings.exceptions import TsError

from adapters.inbound.server.client_address import AddressSource, parse_networks
from adapters.outbound.broadcast.redis.redis_access import RedisAccess, check_redis_url
from adapters.outbound.security.jwt_keys import KEY_PAIR_ALGORITHMS, pem_key
from adapters.outbound.sql.engines import parse_database_url, remote_hosts
from adapters.outbound.tls.tls_options import TlsOptions
from bootstrap.secret_strength import DEV_SECRET, weakness
from bootstrap.settings_sources import EnvironmentLoader, settings_files, variable

MIN_SECRET_BYTES = 32

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")

Option: TypeAlias = "attrs.Attribute[Any]"


class SettingsError(Exception):
    """What is wrong with the settings, a line each, for the person who runs the product."""


class Environment(StrEnum):
    """`prod` is for players: it refuses weak secrets and accounts of `dev`, and logs JSON. `dev` is
    for one machine: everybody knows its secret and its passwords."""

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


class LimitStorage(StrEnum):
    """Where the counts of limits are kept: `auto` is Redis if the broadcaster is."""

    AUTO = "auto"
    MEMORY = "memory"
    REDIS = "redis"


class KafkaSecurity(StrEnum):
    """How the connection to Kafka is secured."""

    PLAINTEXT = "plaintext"
    SSL = "ssl"
    SASL_PLAINTEXT = "sasl_plaintext"
    SASL_SSL = "sasl_ssl"


class ManagementServe(StrEnum):
    """Where metrics, API docs and the details of health are served."""

    AUTO = "auto"
    MAIN = "main"
    SEPARATE = "separate"


class PostgresTls(StrEnum):
    """Whether connections to PostgreSQL are encrypted; if so, the server is always verified."""

    OFF = "off"
    VERIFY_FULL = "verify-full"


class SaslMechanism(StrEnum):
    """How to sign in at Kafka."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class QueryToken(StrEnum):
    """Whether realtime endpoints accept `?token=`; `auto` means in `dev` only."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


DEV_ORIGINS = (
    "http://localhost:3000",
    "http://localhost:5173",
    "http://127.0.0.1:3000",
    "http://127.0.0.1:5173",
)
"""Where front ends are developed: allowed in `dev` unless others are named."""

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


def _check_optional_secret(instance: Any, option: Option, secret: ts.SecretStr) -> None:
    if secret:
        _check_secret(instance, option, secret)


def _check_servers(servers: str) -> None:
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or not port.isdecimal() or not 1 <= int(port) <= 65_535:
            raise ValueError(f"{server.strip()!r} is no host:port")


def _check_jwks_url(url: str) -> None:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if url and not (parts.hostname and (parts.scheme == "https" or local)):
        raise ValueError("keys need https, except on this machine")


def _check_origins(origins: str) -> None:
    for origin in filter(None, origins.split(",")):
        if not _ORIGIN.fullmatch(origin.strip()):
            raise ValueError(f"{origin.strip()!r} is no origin")


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
        validator=_check_optional_secret,
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
    token_warning_s: float = _number(
        60.0, "seconds before the end of its token when a client is told, from 0", 0, 3600
    )
    query_token: QueryToken = ts.option(
        default=QueryToken.AUTO, help="auto (on in dev, off in prod), on or off"
    )


@ts.settings(frozen=True)
class CorsSettings:
    """The pages of other origins that may use the API."""

    origins: str = ts.option(
        default="",
        help="origins such as https://play.example, in lower case and without a path, "
        "comma-separated",
        validator=_checked(_check_origins),
    )


@ts.settings(frozen=True)
class HttpSettings:
    """What every HTTP response says."""

    hsts_s: int = _number(
        0, "seconds for Strict-Transport-Security, from 0; only in prod, behind TLS", 0, 10**9
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
class JwtSettings:
    """Key pairs for access tokens, and an external issuer of access tokens."""

    key_files: list[str] = ts.option(
        factory=list,
        help="PEM files with keys of Ed25519, P-256 or RSA, comma-separated; the first private key "
        "signs, all of them verify",
        validator=deep_iterable(_checked(pem_key)),
    )
    leeway_s: float = _number(
        5.0, "seconds that the clock of whoever issued a token may be ahead, from 0", 0, 60
    )
    jwks_url: str = ts.option(
        default="",
        help="the https address of an external issuer's key set; no external issuer when empty",
        validator=_checked(_check_jwks_url),
    )
    jwks_issuer: str = ts.option(default="", help="the claim `iss` of the external issuer's tokens")
    jwks_audience: str = ts.option(default="", help="a claim `aud` that means this deployment")
    jwks_algorithms: list[str] = ts.option(
        factory=lambda: list(KEY_PAIR_ALGORITHMS),
        help=f"its algorithms, comma-separated, of {', '.join(KEY_PAIR_ALGORITHMS)}",
        validator=[min_len(1), deep_iterable(in_(KEY_PAIR_ALGORITHMS))],
    )
    jwks_user_claim: str = ts.option(
        default="sub", help="the claim of the external issuer's tokens that holds our user id"
    )
    jwks_refresh_s: float = _number(
        300.0, "seconds between fetches of the external issuer's keys, from 1", 1, 86_400
    )


@ts.settings(frozen=True)
class PasswordSettings:
    """How passwords are checked: the queue for hashes, and the delays after failures."""

    concurrent_hashes: int = _number(
        1, "hashes at a time, from 1; each takes 64 MiB and keeps up to four cores busy", 1, 64
    )
    waiting: int = _number(100, "sign-ins that may wait for a hash, from 1", 1, 100_000)
    wait_s: float = _number(10.0, "seconds that a sign-in may wait for a hash, from 0.1", 0.1, 120)
    free_failures: int = _number(
        5, "failures of an account from an address before the first delay, from 1", 1, 10**6
    )
    first_delay_s: float = _number(
        2.0, "seconds of the first delay, which doubles with each failure, from 0.1", 0.1, 3600
    )
    longest_delay_s: float = _number(900.0, "seconds of the longest delay, from 0.1", 0.1, 86_400)
    address_failures: int = _number(
        50, "failures of an address with any accounts before the first delay, from 1", 1, 10**6
    )
    account_failures: int = _number(
        100, "failures of an account before new addresses get one attempt each, from 1", 1, 10**6
    )


@ts.settings(frozen=True)
class ManagementSettings:
    """Who sees `/metrics`, `/schema` and the details of `/health/ready`."""

    serve: ManagementServe = ts.option(
        default=ManagementServe.AUTO,
        help="main (everybody who reaches the main port), separate (a port of its own) or auto "
        "(separate in prod)",
    )
    host: str = ts.option(default="127.0.0.1", help="an address for the separate port")
    port: int = _number(0, "a port up to 65535, or 0 for 1000 above the main port", 0, 65_535)


@ts.settings(frozen=True)
class AuditSettings:
    """The audit log of operators' acts."""

    secret: ts.SecretStr = ts.secret(
        default=ts.SecretStr(""),
        help=f"a secret of at least {MIN_SECRET_BYTES} bytes; SYNCHUB_JWT_SECRET if empty",
        validator=_check_optional_secret,
    )
    previous_secrets: list[ts.SecretStr] = ts.option(
        factory=list,
        help="secrets of earlier entries, comma-separated, the newest first",
        validator=deep_iterable(_check_secret),
    )


@ts.settings(frozen=True)
class LegacySettings:
    """The deprecated `/api/games/ws`."""

    enabled: bool = ts.option(default=True, help="true or false")
    sunset: str = ts.option(
        default="Wed, 30 Jun 2027 23:59:59 GMT", help="an HTTP date, for the Sunset header"
    )


@ts.settings(frozen=True)
class LimitSettings:
    """What users and addresses may cost, and how the address of a client is known."""

    frames_per_10s: int = _number(
        200, "frames of any kind that a socket may send in ten seconds, from 10", 10, 10**9
    )
    bytes_per_10s: int = _number(
        256 * 1024, "bytes that a socket may send in ten seconds, from 4096", 4096, 10**12
    )
    message_bytes: int = _number(
        64 * 1024, "bytes of a message from a client, from 1024", 1024, 2**24
    )
    head_bytes: int = _number(
        32 * 1024, "bytes of a request line and its headers, from 4096", 4096, 2**20
    )
    head_s: float = _number(
        10.0, "seconds that a request head or a sign-in on a socket may take, from 0.1", 0.1, 600
    )
    body_bytes: int = _number(64 * 1024, "bytes of a request body, from 1024", 1024, 2**24)
    body_s: float = _number(
        20.0, "seconds that a request body may take to arrive, from 0.1", 0.1, 600
    )
    idle_s: int = _number(75, "seconds that an idle HTTP connection stays open, from 1", 1, 3600)
    unread_s: float = _number(
        30.0, "seconds after which a client that reads nothing is cut off, from 0.1", 0.1, 600
    )
    pipelined_requests: int = _number(
        16, "requests that may wait for answers before them, from 0", 0, 10_000
    )
    sockets_per_user: int = _number(
        50, "WebSockets and event streams of a user, over all nodes, from 1", 1, 10**9
    )
    sockets_per_address: int = _number(
        1000, "connections of an address to a node, from 1", 1, 10**9
    )
    handshakes_per_address: int = _number(
        1000, "connections that an address may open in ten seconds, from 1", 1, 10**9
    )
    requests_per_address: int = _number(
        5000, "requests of an address in ten seconds, from 1", 1, 10**9
    )
    requests_per_user: int = _number(300, "requests of a user in ten seconds, from 1", 1, 10**9)
    sign_ups_per_address: int = _number(
        100, "accounts that an address may open in an hour, from 1", 1, 10**9
    )
    storage: LimitStorage = ts.option(
        default=LimitStorage.AUTO, help="auto (redis if the broadcaster is), memory or redis"
    )
    keys: int = _number(
        50_000, "users or addresses that a node counts per limit and window, from 100", 100, 10**8
    )
    address_source: AddressSource = ts.option(
        default=AddressSource.SOCKET,
        help="socket, or what the proxies send: proxy_protocol, forwarded or x_forwarded_for",
    )
    proxies: str = ts.option(
        default="",
        help="networks or addresses of proxies, comma-separated",
        validator=_checked(parse_networks),
    )


@ts.settings(frozen=True)
class FairnessSettings:
    """The secret from which, with random salts in the database, server seeds are derived."""

    secret: ts.SecretStr = ts.secret(
        default=ts.SecretStr(""),
        help=f"a secret of at least {MIN_SECRET_BYTES} bytes, or nothing: then whoever can read "
        "the database can predict games",
        validator=_check_optional_secret,
    )
    previous_secrets: list[ts.SecretStr] = ts.option(
        factory=list,
        help="secrets that seeds in use were derived from, comma-separated",
        validator=deep_iterable(_check_secret),
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
    allow_dev_on_network: bool = ts.option(
        default=False, help="true or false: whether dev may listen on other addresses than loopback"
    )
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
    access_token_s: int = _number(900, "seconds an access token lives, from 5", 5, 86_400)
    refresh_token_s: int = _number(
        30 * 86_400, "seconds a refresh token lives, from 60", 60, 400 * 86_400
    )
    login_s: int = _number(
        180 * 86_400,
        "seconds after which a login ends, however often it was refreshed, from 60",
        60,
        10 * 366 * 86_400,
    )
    allow_plaintext_links: bool = ts.option(
        default=False, help="true if prod may talk to other hosts without TLS, else false"
    )
    log_level: LogLevel = ts.option(default=LogLevel.INFO, help="debug, info, warning or error")
    realtime: RealtimeSettings = RealtimeSettings()
    jwt: JwtSettings = JwtSettings()
    cors: CorsSettings = CorsSettings()
    http: HttpSettings = HttpSettings()
    journal: JournalSettings = JournalSettings()
    passwords: PasswordSettings = PasswordSettings()
    management: ManagementSettings = ManagementSettings()
    audit: AuditSettings = AuditSettings()
    legacy: LegacySettings = LegacySettings()
    limits: LimitSettings = LimitSettings()
    fairness: FairnessSettings = FairnessSettings()
    postgres: PostgresSettings = PostgresSettings()
    broker: BrokerSettings = BrokerSettings()
    redis: RedisSettings = RedisSettings()
    kafka: KafkaSettings = KafkaSettings()

    def audit_secrets(self) -> list[str]:
        """The secret that seals new entries of the audit log, then those of earlier ones."""
        if self.audit.secret:
            secrets = [self.audit.secret, *self.audit.previous_secrets]
        else:
            earlier = [*self.audit.previous_secrets, *self.jwt_previous_secrets]
            secrets = [self.jwt_secret, *earlier]
        return list(map(str, secrets))

    def management_port(self) -> int | None:
        """The separate port for management; None if the main port serves it."""
        serve = self.management.serve
        prod = self.env is Environment.PROD
        if serve is ManagementServe.MAIN or (serve is ManagementServe.AUTO and not prod):
            return None
        return self.management.port or self.port + 1000

    def origins(self) -> tuple[str, ...]:
        """The origins besides our own that may use the API."""
        named = tuple(filter(None, map(str.strip, self.cors.origins.split(","))))
        return named or (DEV_ORIGINS if self.env is Environment.DEV else ())

    def accepts_query_tokens(self) -> bool:
        """Whether realtime endpoints accept `?token=`."""
        choice = self.realtime.query_token
        return choice is QueryToken.ON or (
            choice is QueryToken.AUTO and self.env is Environment.DEV
        )

    def hsts_s(self) -> int:
        """For how long browsers are to insist on TLS; 0: it is not said."""
        return self.http.hsts_s if self.env is Environment.PROD else 0


def load_settings() -> Settings:
    """The settings of this process; SettingsError has a line for each problem."""
    environment = EnvironmentLoader(os.environ, [variable(name) for name, _ in _options(Settings)])
    problems = list(environment.problems())
    try:
        # Validators run below, so that all wrong settings are named at once.
        with disabled():
            settings = ts.load_settings(Settings, [settings_files(), environment])
    except FileNotFoundError as error:  # a file that is named with "!"
        raise SettingsError("\n".join(problems)) from error
    except (TsError, ValueError, TypeError) as error:
        raise SettingsError("\n".join([*problems, *_explain(error)])) from error
    if problems := problems + list(_problems(settings)) or list(_unsafe(settings)):
        raise SettingsError("\n".join(problems))
    return settings


def jwt_secrets(settings: Settings) -> list[ts.SecretStr]:
    """The secrets whose access tokens are accepted. Where a private key signs, that of
    `jwt_secret` is not among them: old tokens need it as a previous one."""
    with suppress(ValueError):  # a wrong file is named by its validator
        if any(pem_key(path).signs is not None for path in settings.jwt.key_files):
            return settings.jwt_previous_secrets
    return [settings.jwt_secret, *settings.jwt_previous_secrets]


def _problems(settings: Settings) -> Iterator[str]:
    """A line for each value that is wrong, alone or together with others."""
    for name, option in _options(Settings):
        value = attrgetter(name)(settings)
        try:
            if option.validator is not None:
                option.validator(settings, option, value)
        except ValueError as error:
            yield _wrong(name, option, _reason(error, option, value))
    jwt = settings.jwt
    if jwt.jwks_url and not (jwt.jwks_issuer and jwt.jwks_audience):
        yield "SYNCHUB_JWT_JWKS_ISSUER and SYNCHUB_JWT_JWKS_AUDIENCE are needed for a key set"
    yield from _unsafe_secrets(settings) if settings.env is Environment.PROD else _exposed(settings)
    if settings.management_port() in (settings.port, *range(65_536, 70_000)):
        yield "SYNCHUB_MANAGEMENT_PORT takes another port than SYNCHUB_PORT, up to 65535"
    limits = settings.limits
    if limits.address_source is not AddressSource.SOCKET and not limits.proxies:
        yield f"SYNCHUB_LIMITS_PROXIES is needed for {limits.address_source.value}"
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


def _unsafe_secrets(settings: Settings) -> Iterator[str]:
    """Whoever knows or guesses a secret can sign tokens, with previous ones, too, rewrite the audit
    log, forge messages between nodes, or predict games."""
    current = jwt_secrets(settings)
    named = [("SYNCHUB_JWT_PREVIOUS_SECRETS", secret) for secret in settings.jwt_previous_secrets]
    named += [("SYNCHUB_JWT_SECRET", secret) for secret in current[: len(current) - len(named)]]
    named += [("SYNCHUB_AUDIT_PREVIOUS_SECRETS", one) for one in settings.audit.previous_secrets]
    sealing = settings.audit.secret or settings.jwt_secret
    named += [("SYNCHUB_AUDIT_SECRET", sealing)] if sealing not in current else []
    fairness = settings.fairness
    broker = settings.broker
    named += [("SYNCHUB_BROKER_PREVIOUS_SECRETS", one) for one in broker.previous_secrets]
    named += [("SYNCHUB_BROKER_SECRET", broker.secret)] if broker.secret else []
    named += [("SYNCHUB_FAIRNESS_PREVIOUS_SECRETS", one) for one in fairness.previous_secrets]
    named += [("SYNCHUB_FAIRNESS_SECRET", fairness.secret)] if fairness.secret else []
    for name, secret in named:
        if why := weakness(str(secret)):
            yield (
                f"{name} takes a secret of your own when SYNCHUB_ENV is prod ({why}): make one "
                "with `openssl rand -base64 32`"
            )


def _exposed(settings: Settings) -> Iterator[str]:
    """`dev` where others can reach it."""
    if not (settings.allow_dev_on_network or _is_loopback(settings.host)):
        yield (
            f"SYNCHUB_HOST takes 127.0.0.1 when SYNCHUB_ENV is dev (not {settings.host}), because "
            "everybody knows the passwords of dev: set SYNCHUB_ENV=prod, or "
            "SYNCHUB_ALLOW_DEV_ON_NETWORK=true in a network that you trust"
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


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
    return f"{variable(name)} takes {takes} ({why})"


def _options(cls: type[Any], prefix: str = "") -> Iterator[tuple[str, Option]]:
    """All settings by dotted name."""
    for attribute in attrs.fields(cls):
        if isinstance(attribute.type, type) and attrs.has(attribute.type):
            yield from _options(attribute.type, f"{attribute.name}.")
        else:
            yield f"{prefix}{attribute.name}", attribute
