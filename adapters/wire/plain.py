"""Attrs instances as plain values, with the rules of the wire at any depth.

Fields that are `None` are left out. Times are ISO 8601 in UTC with milliseconds and `Z` (RFC 3339).
"""

from collections.abc import Callable
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
    names = _FIELDS[type(instance)]
    return {name: value for name in names if (value := getattr(instance, name)) is not None}


def plain(value: Any) -> Any:
    """The value with its attrs instances as dicts and its times as text. Values of other types stay
    as they are."""
    convert = _CONVERTERS[type(value)]
    return value if convert is None else convert(value)


def _plain_fields(instance: Any) -> dict[str, Any]:
    return _plain_items(present_fields(instance))


def _plain_items(values: dict[str, Any]) -> dict[str, Any]:
    """Calls no function for a value that stays as it is, which most do."""
    return {
        name: value if (convert := _CONVERTERS[type(value)]) is None else convert(value)
        for name, value in values.items()
    }


def _plain_list(values: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [plain(value) for value in values]


class _Fields(dict[type, tuple[str, ...]]):
    """The names of the fields of a class, looked up once."""

    def __missing__(self, cls: type) -> tuple[str, ...]:
        names = self[cls] = tuple(attribute.name for attribute in fields(cls))
        return names


class _Converters(dict[type, Callable[[Any], Any] | None]):
    """The converter of a class, looked up once; None for a class whose values stay."""

    def __missing__(self, cls: type) -> Callable[[Any], Any] | None:
        convert = self[cls] = _plain_fields if has(cls) else None
        return convert


_FIELDS = _Fields()
_CONVERTERS = _Converters(
    {dict: _plain_items, list: _plain_list, tuple: _plain_list, datetime: timestamp}
)
