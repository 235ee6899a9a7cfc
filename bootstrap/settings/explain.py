"""Explains wrong settings to the person who runs the product: a line each."""

import re
from collections.abc import Iterator
from typing import Any

import attrs
from typed_settings.constants import METADATA_KEY

from bootstrap.settings.options import Option
from bootstrap.settings.settings import Settings
from bootstrap.settings.sources import variable


class SettingsError(Exception):
    """What is wrong with the settings, a line each, for the person who runs the product."""


def reason(error: ValueError, option: Option, value: object) -> str:
    """The error's own words, unless they are those of an attrs validator."""
    words = str(error.args[0])
    return f"not {value}" if words.startswith(f"'{option.name}' must") else words


def explain(error: Exception) -> Iterator[str]:
    """A line for each thing that could not be loaded."""
    if isinstance(error, ExceptionGroup):
        for part in error.exceptions:
            yield from explain(part)
        return
    message = str(error)
    named = re.search(r"for option '([a-z0-9_.]+)'", message)
    options = dict(all_options(Settings))
    if named and named[1] in options:
        yield wrong(named[1], options[named[1]], message)
    else:
        yield message


def wrong(name: str, attribute: Option, why: str) -> str:
    """What a setting takes, and why its value is none of that."""
    takes = attribute.metadata[METADATA_KEY]["help"]
    return f"{variable(name)} takes {takes} ({why})"


def all_options(cls: type[Any], prefix: str = "") -> Iterator[tuple[str, Option]]:
    """All settings by dotted name."""
    for attribute in attrs.fields(cls):
        if isinstance(attribute.type, type) and attrs.has(attribute.type):
            yield from all_options(attribute.type, f"{attribute.name}.")
        else:
            yield f"{prefix}{attribute.name}", attribute
