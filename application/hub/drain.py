"""Drain: how a node stops without a stampede.

Its clients are told when to come back, each at another moment within the window, and are closed in
small groups, each after everything that was written to it. New ones are refused meanwhile.
"""

import asyncio
import logging
from collections.abc import Iterable

from application.connections.client_connection import ClientConnection
from application.hub.hub import Hub
from domain.randomness import Randomness

logger = logging.getLogger("synchub.drain")

GROUP = 50
"""Connections that are closed within one tick of the event loop."""


class ShuttingDown(Exception):
    """The node takes no new connections; another one will."""

    def __init__(self) -> None:
        super().__init__("shutting down")


class Drain:
    """`begun` is set once the node has been told to stop: it is no longer ready."""

    def __init__(self, hub: Hub, randomness: Randomness, window_s: float) -> None:
        self.begun = False
        self._hub = hub
        self._randomness = randomness
        self._window_s = window_s

    async def execute(self) -> None:
        """Close all connections; returns when all are gone, or the window is over."""
        self.begun = True
        deadline = _now() + self._window_s
        connections = list(self._hub.connections())
        logger.info("draining", extra={"connections": len(connections), "window_s": self._window_s})
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
        logger.info("drained", extra={"connections_left": len(late)})

    def _send_away(self, connections: Iterable[ClientConnection]) -> None:
        for connection in connections:
            connection.send_away(self.after_ms())

    def after_ms(self) -> int:
        """A moment within the window, another one for each client."""
        return self._randomness.below(int(self._window_s * 1000) + 1)


def _now() -> float:
    return asyncio.get_running_loop().time()
