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
class Hello:
    """A node has started and knows nobody: let all others beat."""

    node_id: str


@frozen
class Beat:
    """A node is alive, has made so many changes of presence, and holds so many connections."""

    node_id: str
    number: int
    connections: int


@frozen
class Bye:
    """A node stops; its users are about to turn up elsewhere."""

    node_id: str


@frozen
class Census:
    """Let this node, or all if it is None, tell who is connected to them."""

    node_id: str | None


@frozen
class Change:
    """A user joined a node, or left it."""

    node_id: str
    number: int
    user_id: int
    joined: bool


@frozen
class Roster:
    """Everybody who was connected to a node after its change with this number."""

    node_id: str
    number: int
    connections: int
    user_ids: Set[int]


ClusterMessage = Hello | Beat | Bye | Census | Change | Roster

_EVERYBODY = "*"


def pack(message: ClusterMessage) -> Message:
    """The words of a message after its name, on its topic."""
    match message:
        case Hello(node_id):
            return _line(NODES, "hello", node_id)
        case Beat(node_id, number, connections):
            return _line(NODES, "beat", node_id, number, connections)
        case Bye(node_id):
            return _line(NODES, "bye", node_id)
        case Census(node_id):
            return _line(NODES, "census", node_id or _EVERYBODY)
        case Change(node_id, number, user_id, joined):
            return _line(PRESENCE, "join" if joined else "leave", node_id, number, user_id)
        case Roster(node_id, number, connections, user_ids):
            return _line(PRESENCE, "roster", node_id, number, connections, *sorted(user_ids))


def unpack(payload: bytes) -> ClusterMessage:
    """ValueError if it is none."""
    match payload.decode().split(" "):
        case ["hello", node_id]:
            return Hello(node_id)
        case ["beat", node_id, number, connections]:
            return Beat(node_id, int(number), int(connections))
        case ["bye", node_id]:
            return Bye(node_id)
        case ["census", node_id]:
            return Census(None if node_id == _EVERYBODY else node_id)
        case ["join" | "leave" as what, node_id, number, user_id]:
            return Change(node_id, int(number), int(user_id), what == "join")
        case ["roster", node_id, number, connections, *user_ids]:
            return Roster(node_id, int(number), int(connections), frozenset(map(int, user_ids)))
    raise ValueError(f"no cluster message: {payload[:80]!r}")


def _line(topic: str, *words: str | int) -> Message:
    return Message(topic, " ".join(map(str, words)).encode())
