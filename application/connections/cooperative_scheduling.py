"""Cooperative scheduling: long work in short slices of the event loop."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from application.ports.clock import Clock

T = TypeVar("T")

SLICE_S = 0.002
"""How long a tick of the event loop should last while such work goes on. A written frame costs its
time when it leaves, after the step that wrote it; so whole ticks are measured, with everything that
is done in them."""

MIN_ITEMS, MAX_ITEMS = 8, 1024
"""Items in a slice."""


async def cooperatively(action: Callable[[T], object], items: Iterable[T], clock: Clock) -> None:
    """Apply the action to all items: more of them per slice while ticks are short, fewer when they
    get long."""
    left, count, began = iter(items), MIN_ITEMS, clock.monotonic()
    while batch := list(islice(left, count)):
        for item in batch:
            action(item)
        await asyncio.sleep(0)
        now = clock.monotonic()
        if now - began > SLICE_S:
            count = max(MIN_ITEMS, count // 2)
        elif now - began <= SLICE_S / 2:
            count = min(MAX_ITEMS, count * 2)
        began = now
