"""The classes of the state: every field says what it means."""

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

from attrs import has

from application.frames.state_data import StateData
from domain.constraints import Description


def attrs_classes(hint: Any) -> Iterator[type[Any]]:
    """All attrs classes within a type, and within their fields."""
    if isinstance(hint, type) and has(hint):
        yield hint
        for kind in get_type_hints(hint).values():
            yield from attrs_classes(kind)
    for part in get_args(hint):
        yield from attrs_classes(part)


def test_every_field_is_described() -> None:
    """At any depth, for the published schemas."""
    classes = set(attrs_classes(StateData))
    assert {"Play", "Fairness", "GameTotals", "Progress"} <= {cls.__name__ for cls in classes}
    fields = {
        f"{cls.__name__}.{name}": getattr(hint, "__metadata__", ())
        for cls in classes
        for name, hint in get_type_hints(cls, include_extras=True).items()
        if name not in ("type", "version", "ends")
    }
    undescribed = [
        name
        for name, notes in fields.items()
        if not any(isinstance(note, Description) for note in notes)
    ]
    assert undescribed == []
