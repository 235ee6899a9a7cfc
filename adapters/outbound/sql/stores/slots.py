"""Parameters for a list of values: statements are compiled once, so they take a fixed number."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import BindParameter, bindparam

SLOTS = 50


def slots(name: str) -> list[BindParameter[Any]]:
    """The parameters, for `column.in_`."""
    return [bindparam(f"{name}_{number}") for number in range(SLOTS)]


def filled(name: str, values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The arguments of as many executions as all values take. Free slots repeat a value."""
    rest = iter(values)
    while part := list(islice(rest, SLOTS)):
        padded = part + [part[0]] * (SLOTS - len(part))
        yield {f"{name}_{number}": value for number, value in enumerate(padded)}
