"""Strings: whether a shape lies within another, and strings of a shape."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from random import Random

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from tools.contract_gate.schema.shapes import String
from tools.contract_gate.schema.validity import accepts

_OF_FORMATS = (
    "2025-08-16",
    "2025-08-16T12:34:56.789Z",
    "2025-08-16T12:34:56+02:00",
    "12:34:56Z",
    "P3D",
    "player@example.org",
    "example.org",
    "192.0.2.1",
    "2001:db8::1",
    "https://example.org/page",
    "0198b2c4-7d1e-7a3b-9c5d-1e2f3a4b5c6d",
)
_PLAIN = ("text", "a", "1", "", " ", "A b", "0a", "é", "\N{SLOT MACHINE}", "a\nb", "\0", '"')
_SEARCH = settings(
    database=None,
    deadline=None,
    max_examples=60,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def within(one: String, other: String) -> bool:
    """Whether it is certain that each string of one is one of the other's."""
    return (
        one.min_length >= other.min_length
        and (other.max_length is None or _longest(one) <= other.max_length)
        and other.pattern in {None, one.pattern}
        and other.format in {None, one.format}
    )


def _longest(shape: String) -> float:
    return float("inf") if shape.max_length is None else shape.max_length


def strings_of(shape: String, *others: String) -> Iterator[str]:
    """Strings of usual forms and of the lengths at the limits; not all of them are inside."""
    yield from _PLAIN if shape.format is None else ()
    yield from _OF_FORMATS
    for one in (shape, *others):
        for length in _lengths(one):
            yield from (letter * length for letter in ("a", "1", "-"))
    if found := _found(shape):
        yield found


def _lengths(shape: String) -> Iterator[int]:
    yield from (shape.min_length, max(shape.min_length - 1, 0))
    if shape.max_length is not None:
        yield from (shape.max_length, shape.max_length + 1)


@lru_cache(maxsize=256)
def _found(shape: String) -> str | None:
    return search(shape, lambda _: True)


def search(shape: String, condition: Callable[[str], bool]) -> str | None:
    """A short string of the shape that meets the condition, the same in every run."""
    try:
        texts = st.from_regex(re.compile(shape.pattern)) if shape.pattern else st.text()
        return find(
            texts,
            lambda text: accepts((shape,), text) and condition(text),
            settings=_SEARCH,
            random=Random(1),
        )
    except (HypothesisException, re.error):
        return None
