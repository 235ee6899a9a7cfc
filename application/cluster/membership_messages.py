"""What nodes tell each other of themselves, on two topics: short lines of words.

A node's changes of presence are numbered, so that whoever misses one notices.
"""

from collections.abc import Set

from attrs import frozen

from domain.broadcaster import Message

NODES = "nodes"
"""Every node listens: few and small messages, whatever goes on."""

PRESENCE = "presence"
"""Who comes and goes; only nodes with monitors listen."""


@frozen
class Join:
    """A node has started and knows nobody: let all others beat."""

    node_id: str


@frozen
class Heartbeat:
    """A node is alive, has made so many changes of presence, and holds so many connections."""

    node_id: str
    number: int
    connections: int


@frozen
class Leave:
    """A node stops; its users are about to turn up elsewhere."""

    node_id: str


@frozen
class SyncRequest:
    """Let this node, or all if it is None, tell who is connected to them."""

    node_id: str | None


@frozen
class PresenceChange:
    """A user joined a node, or left it."""

    node_id: str
    number: int
    user_id: int
    joined: bool


@frozen
class PresenceSnapshot:
    """Everybody who was connected to a node after its change with this number."""

    node_id: str
    number: int
    connections: int
    user_ids: Set[int]


MembershipMessage = Join | Heartbeat | Leave | SyncRequest | PresenceChange | PresenceSnapshot

_EVERYBODY = "*"


def pack(message: MembershipMessage) -> Message:
    """The words of a message after its name, on its topic."""
    match message:
        case Join(node_id):
            return _line(NODES, "hello", node_id)
        case Heartbeat(node_id, number, connections):
            return _line(NODES, "beat", node_id, number, connections)
        case Leave(node_id):
            return _line(NODES, "bye", node_id)
        case SyncRequest(node_id):
            return _line(NODES, "census", node_id or _EVERYBODY)
        case PresenceChange(node_id, number, user_id, joined):
            return _line(PRESENCE, "join" if joined else "leave", node_id, number, user_id)
        case PresenceSnapshot(node_id, number, connections, user_ids):
            return _line(PRESENCE, "roster", node_id, number, connections, *sorted(user_ids))


def unpack(payload: bytes) -> MembershipMessage:
    """ValueError if it is none."""
    match payload.decode().split(" "):
        case ["hello", node_id]:
            return Join(node_id)
        case ["beat", node_id, number, connections]:
            return Heartbeat(node_id, int(number), int(connections))
        case ["bye", node_id]:
            return Leave(node_id)
        case ["census", node_id]:
            return SyncRequest(None if node_id == _EVERYBODY else node_id)
        case ["join" | "leave" as what, node_id, number, user_id]:
            return PresenceChange(node_id, int(number), int(user_id), what == "join")
        case ["roster", node_id, number, connections, *user_ids]:
            return PresenceSnapshot(
                node_id, int(number), int(connections), frozenset(map(int, user_ids))
            )
    raise ValueError(f"no cluster message: {payload[:80]!r}")


def _line(topic: str, *words: str | int) -> Message:
    return Message(topic, " ".join(map(str, words)).encode())
