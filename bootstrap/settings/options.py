"""Building blocks of settings: options with a help text, and validators."""

import re
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import attrs
import typed_settings as ts
from attrs.validators import ge, le

from adapters.outbound.redis.redis_access import RedisAccess, check_redis_url
from adapters.outbound.sql.engines import parse_database_url

MIN_SECRET_BYTES = 32


_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


Option: TypeAlias = "attrs.Attribute[Any]"


Validator = Callable[[Any, Option, Any], None]


def number(default: float, takes: str, low: float, high: float) -> Any:
    """An option for a number in a range, which `takes` describes."""
    return ts.option(default=default, help=takes, validator=[ge(low), le(high)])


def checked(check: Callable[[str], object]) -> Validator:
    """A validator for what raises ValueError on a wrong value."""

    def validate(_instance: Any, _option: Option, value: str) -> None:
        check(value)

    return validate


def check_secret(_instance: Any, _option: Option, secret: ts.SecretStr) -> None:
    """A validator: long enough."""
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise ValueError("too short")


def check_optional_secret(instance: Any, option: Option, secret: ts.SecretStr) -> None:
    """A validator: empty, or long enough."""
    if secret:
        check_secret(instance, option, secret)


def check_servers(servers: str) -> None:
    """ValueError unless each is `host:port`."""
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or not port.isdecimal() or not 1 <= int(port) <= 65_535:
            raise ValueError(f"{server.strip()!r} is no host:port")


def check_jwks_url(url: str) -> None:
    """ValueError unless it is an https address, or an http one of this machine."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if url and not (parts.hostname and (parts.scheme == "https" or local)):
        raise ValueError("keys need https, except on this machine")


def check_origins(origins: str) -> None:
    """ValueError unless each is an origin as browsers send it."""
    for origin in filter(None, origins.split(",")):
        if not _ORIGIN.fullmatch(origin.strip()):
            raise ValueError(f"{origin.strip()!r} is no origin")


def address_of_database(text: str) -> str:
    """A database URL for people, without its password."""
    try:
        return parse_database_url(text).render_as_string(hide_password=True)
    except ValueError:
        return "no database URL"


def address_of_redis(text: str) -> str:
    """A Redis URL for people, without its password."""
    try:
        check_redis_url(text)
    except ValueError:
        return "no Redis URL"
    return RedisAccess(url=text).address
