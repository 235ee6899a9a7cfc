"""Every attack of `make attack`, for a short time: honest players are neither refused nor lose a
socket or an event, the node lives and keeps its memory, and nothing but declared refusals happens.
How much slower they are is measured by `make attack` only."""

import pytest

from benchmarks.attack.catalogue import ATTACKS
from benchmarks.attack.runner import Result, besieged
from tests.support.scale import LONG

SECONDS = 0.15
CONNECTIONS = 200
MAX_GROWTH = 150 * 2**20
"""Bytes by which one attack may make the node grow."""


def faults(result: Result) -> list[str]:
    """What the attack must not have done."""
    before, peak, _ = result.memory
    return [
        *([f"honest players noticed: {result.harm}"] if result.harm else []),
        *([f"undeclared answers: {result.undeclared()}"] if result.undeclared() else []),
        *([f"logged errors: {result.errors[:2]}"] if result.errors else []),
        *([f"memory: {(peak - before) / 2**20:.0f} MiB"] if peak - before > MAX_GROWTH else []),
    ]


@pytest.mark.timeout(LONG)
async def test_nobody_notices_the_attacks() -> None:
    """All attacks on one node, one after the other."""
    found = {}
    async with besieged(players=4) as siege:
        for name in ATTACKS:
            result = await siege.run(name, calm_s=0.0, seconds=SECONDS, connections=CONNECTIONS)
            found[name] = faults(result)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_there_are_enough_attacks() -> None:
    """At least thirty, each with a sentence that says what it does."""
    assert len(ATTACKS) >= 30
    assert all(attack.description.endswith(".") for attack in ATTACKS.values())
