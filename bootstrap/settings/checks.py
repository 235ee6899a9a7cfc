"""Checks of settings that are well-formed: wrong values, and what is unsafe in production."""

from collections.abc import Iterator
from ipaddress import ip_address
from operator import attrgetter
from pathlib import Path

import attrs
from typed_settings.constants import METADATA_KEY

from adapters.inbound.server.client_address import AddressSource
from adapters.outbound.redis.redis_access import RedisAccess
from adapters.outbound.sql.engines import parse_database_url, remote_hosts
from bootstrap.settings.choices import BroadcasterKind, Environment
from bootstrap.settings.explain import all_options, reason, wrong
from bootstrap.settings.links import TlsFiles
from bootstrap.settings.secret_strength import weakness
from bootstrap.settings.settings import Settings, jwt_secrets


def problems(settings: Settings) -> Iterator[str]:
    """A line for each value that is wrong, alone or together with others."""
    for name, option in all_options(Settings):
        value = attrgetter(name)(settings)
        try:
            if option.validator is not None:
                option.validator(settings, option, value)
        except ValueError as error:
            yield wrong(name, option, reason(error, option, value))
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


def unsafe(settings: Settings) -> Iterator[str]:
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
