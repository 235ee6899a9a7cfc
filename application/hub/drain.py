"""How a node stops without a stampede.

Its clients are told when to come back, each at another time within the window, and are closed in
small groups, each after everything that was written to it. New ones are turned away meanwhile.
"""

import asyncio
from collections.abc import Iterable

from application.connections.client_connection import ClientConnection
from application.hub.hub import Hub
from domain.randomness import Randomness

GROUP = 50
"""Connections sent away in one turn of the event loop."""


class ShuttingDown(Exception):
    """This node takes no new connections; another one will."""

    def __init__(self) -> None:
        super().__init__("shutting down")


class Drain:
    """`begun` from the moment the node is told to stop: it is no longer ready."""

    def __init__(self, hub: Hub, randomness: Randomness, window_s: float) -> None:
        self.begun = False
        self._hub = hub
        self._randomness = randomness
        self._window_s = window_s

    async def execute(self) -> None:
        """Send everybody away; returns when all are gone, or the window is over."""
        self.begun = True
        deadline = _now() + self._window_s
        connections = list(self._hub.connections())
        groups = [connections[i : i + GROUP] for i in range(0, len(connections), GROUP)]
        for number, group in enumerate(groups):
            if number:
                await asyncio.sleep(self._window_s / 2 / len(groups))
            self._send_away(group)
        while late := list(self._hub.connections()):
            if _now() >= deadline:
                break
            self._send_away(late)  # those whose handshake was under way
            await asyncio.sleep(0.02)

    def _send_away(self, connections: Iterable[ClientConnection]) -> None:
        for connection in connections:
            connection.send_away(self.after_ms())

    def after_ms(self) -> int:
        """A moment within the window, another for each client."""
        return self._randomness.below(int(self._window_s * 1000) + 1)


def _now() -> float:
    return asyncio.get_running_loop().time()
