"""Attrs instances as plain values, with the rules of the wire at any depth.

Fields that are `None` are left out. Times are ISO 8601 in UTC with milliseconds and `Z` (RFC 3339).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from attrs import fields, has


@lru_cache(maxsize=64)
def timestamp(moment: datetime) -> str:
    """Format a time as `2025-08-16T12:34:56.789Z`. All events of a transaction have the same."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def present_fields(instance: Any) -> dict[str, Any]:
    """The fields of an attrs instance that are not `None`, as they are."""
    names = _fields(type(instance))
    return {name: value for name in names if (value := getattr(instance, name)) is not None}


def plain(value: Any) -> Any:
    """The value with its attrs instances as dicts and its times as text. Values of other types stay
    as they are."""
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if _fields(type(value)):
        return {name: plain(item) for name, item in present_fields(value).items()}
    return value


_known: dict[type, tuple[str, ...]] = {}


def _fields(cls: type) -> tuple[str, ...]:
    """The names of the fields of an attrs class; none for other classes."""
    if cls not in _known:
        _known[cls] = tuple(attribute.name for attribute in fields(cls)) if has(cls) else ()
    return _known[cls]
