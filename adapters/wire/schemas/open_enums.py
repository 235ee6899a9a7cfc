"""Open enumerations in the published schemas.

JSON Schema has no keyword for values that may follow. `x-open` says that, and `enum` lists the
values that are sent today, as the properties of a closed object are those that are sent today.
"""

from typing import Any

from domain.constraints import OpenEnum

OPEN = "x-open"


def open_description(cls: type[OpenEnum]) -> str:
    """What the values are, and what clients must be prepared for."""
    return f"{cls.__doc__} Clients must tolerate values that they do not know."


def with_open_enums(definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions, by class name, with those of open enumerations marked."""
    marks = {
        cls.__name__: {"description": open_description(cls), OPEN: True}
        for cls in OpenEnum.__subclasses__()
    }
    return {name: {**schema, **marks.get(name, {})} for name, schema in definitions.items()}
