"""What nodes tell each other about themselves, on two topics.

A node's changes of presence are numbered, so that a node that misses one notices.
"""

from collections.abc import Set
from typing import ClassVar

from attrs import frozen

NODES = "nodes"
"""Every node subscribes: messages are few and small, whatever goes on."""

PRESENCE = "presence"
"""Who comes and goes; only nodes with monitors subscribe."""


@frozen
class Join:
    """A node has started and knows nobody: all others shall send a heartbeat."""

    topic: ClassVar[str] = NODES

    node_id: str


@frozen
class Heartbeat:
    """A node is alive. `last_change` is the number of its latest change of presence; `watching`
    tells whether it has monitors, which others then publish games for."""

    topic: ClassVar[str] = NODES

    node_id: str
    last_change: int
    connections: int
    watching: bool = True


@frozen
class Leave:
    """A node stops; its users are about to turn up elsewhere."""

    topic: ClassVar[str] = NODES

    node_id: str


@frozen
class SyncRequest:
    """One node, or every node if it is None, shall send a PresenceSnapshot."""

    topic: ClassVar[str] = NODES

    node_id: str | None


@frozen
class PresenceChange:
    """A user joined a node, or left it."""

    topic: ClassVar[str] = PRESENCE

    node_id: str
    number: int
    user_id: int
    joined: bool


@frozen
class PresenceSnapshot:
    """Everybody who was connected to a node after its change with this number."""

    topic: ClassVar[str] = PRESENCE

    node_id: str
    number: int
    connections: int
    user_ids: Set[int]


MembershipMessage = Join | Heartbeat | Leave | SyncRequest | PresenceChange | PresenceSnapshot
