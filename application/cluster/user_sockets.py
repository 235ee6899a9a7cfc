"""How many sockets a user has, over all nodes.

Each node counts its own, and tells the others about users with many: at once when one more opens or
closes, and again with each heartbeat, so that a lost message is repaired and a node that is gone is
forgotten. About honest users nothing is ever sent.
"""

import logging
from collections import Counter

from attrs import frozen

from application.cluster.messages import UserSocketCount
from application.ports.clock import Clock
from application.ports.telemetry import Counted, Telemetry
from domain.broadcaster import Broadcaster
from domain.errors import TooManyRequests

logger = logging.getLogger("synchub.limits")

TOLD_PART = 4
"""A node tells the others about users who have a quarter of the limit there."""

RETRY_AFTER_S = 10.0
"""When to try again: nobody knows when a socket will close."""


@frozen(kw_only=True)
class SocketLimit:
    """At most `sockets` of one user. What other nodes have told is forgotten after `lease_s`."""

    sockets: int
    lease_s: float


class UserSockets:
    """Sockets are sessions and monitors, on WebSockets and event streams alike."""

    def __init__(
        self,
        node_id: str,
        broadcaster: Broadcaster,
        clock: Clock,
        telemetry: Telemetry,
        limit: SocketLimit,
    ) -> None:
        self._node_id = node_id
        self._broadcaster = broadcaster
        self._clock = clock
        self._telemetry = telemetry
        self._limit = limit
        self._told_from = max(1, limit.sockets // TOLD_PART)
        self._here: Counter[int] = Counter()
        self._elsewhere: dict[int, dict[str, tuple[int, float]]] = {}
        """By user and node: the count, and when it is forgotten."""

    def require_room(self, user_id: int) -> None:
        """TooManyRequests if the user may not open one more."""
        if self._here[user_id] + self._count_elsewhere(user_id) < self._limit.sockets:
            return
        self._telemetry.count(Counted.LIMITED, "sockets_per_user")
        logger.debug("a user has too many sockets", extra={"user": user_id})
        raise TooManyRequests(
            f"at most {self._limit.sockets} sockets per user",
            code="too_many_sockets",
            retry_after_s=RETRY_AFTER_S,
        )

    def opened(self, user_id: int) -> None:
        """One more on this node."""
        self._here[user_id] += 1
        if self._here[user_id] >= self._told_from:
            self._tell(user_id)

    def closed(self, user_id: int) -> None:
        """One less on this node."""
        told = self._here[user_id] >= self._told_from
        self._here[user_id] -= 1
        if told:
            self._tell(user_id)
        if not self._here[user_id]:
            del self._here[user_id]

    def heartbeat(self) -> None:
        """Repeat what others should know, and forget what they no longer say."""
        for user_id, count in self._here.items():
            if count >= self._told_from:
                self._tell(user_id)
        for user_id in list(self._elsewhere):
            self._count_elsewhere(user_id)

    def receive(self, message: UserSocketCount) -> None:
        """Take what a node, perhaps this one, tells."""
        if message.node_id == self._node_id:
            return
        nodes = self._elsewhere.setdefault(message.user_id, {})
        nodes[message.node_id] = message.count, self._clock.monotonic() + self._limit.lease_s
        if message.count < self._told_from:
            del nodes[message.node_id]

    def _count_elsewhere(self, user_id: int) -> int:
        nodes = self._elsewhere.get(user_id)
        if nodes is None:
            return 0
        now = self._clock.monotonic()
        for node_id in [node_id for node_id, (_, until) in nodes.items() if until <= now]:
            del nodes[node_id]
        if not nodes:
            del self._elsewhere[user_id]
        return sum(count for count, _ in nodes.values())

    def _tell(self, user_id: int) -> None:
        self._broadcaster.publish(UserSocketCount(self._node_id, user_id, self._here[user_id]))
