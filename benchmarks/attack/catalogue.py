"""All attacks by name, and how one is carried out."""

import asyncio
from contextlib import suppress

from benchmarks.attack.attacker import Attack, Attacker, Order
from benchmarks.attack.attacks import accounts, bodies, calls, frames, heads, sockets

_MODULES = (frames, sockets, heads, bodies, accounts, calls)

ATTACKS = {
    found.name: found
    for module in _MODULES
    for found in vars(module).values()
    if isinstance(found, Attack)
}


async def carry_out(port: int, order: Order) -> dict[str, int]:
    """Attack for the time of the order; returns what the attacker saw."""
    attacker = Attacker(port, order)
    attack = ATTACKS[order.attack]
    parallel = min(attack.parallel, order.connections)
    with suppress(TimeoutError):
        async with asyncio.timeout(order.seconds):
            await asyncio.gather(*(attack.repeat(attacker) for _ in range(parallel)))
    await attacker.end()
    return {name: count for name, count in sorted(attacker.seen.items()) if count}
