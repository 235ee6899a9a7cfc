"""Nodes understand each other."""

import pytest

from application.cluster.membership_messages import (
    NODES,
    PRESENCE,
    Heartbeat,
    Join,
    Leave,
    MembershipMessage,
    PresenceChange,
    PresenceSnapshot,
    SyncRequest,
    pack,
    unpack,
)

MESSAGES: list[tuple[str, MembershipMessage]] = [
    (NODES, Join("a")),
    (NODES, Heartbeat("a", 3, 17)),
    (NODES, Leave("a")),
    (NODES, SyncRequest(None)),
    (NODES, SyncRequest("a")),
    (PRESENCE, PresenceChange("a", 4, 7, joined=True)),
    (PRESENCE, PresenceChange("a", 5, 7, joined=False)),
    (PRESENCE, PresenceSnapshot("a", 5, 2, frozenset({7, 10, 8}))),
    (PRESENCE, PresenceSnapshot("a", 0, 0, frozenset())),
]


@pytest.mark.parametrize(("topic", "message"), MESSAGES)
def test_messages_arrive_as_they_were(topic: str, message: MembershipMessage) -> None:
    """On the topic of those whom they concern."""
    packed = pack(message)
    assert packed.topic == topic
    assert unpack(packed.payload) == message


@pytest.mark.parametrize(
    "payload", [b"", b"beat", b"beat a 1", b"beat a x 1", b"shout a", b"\xff", b"join a 1 2 3"]
)
def test_anything_else_is_refused(payload: bytes) -> None:
    """Another version, or a stranger."""
    with pytest.raises(ValueError, match=r"cluster message|decode|int"):
        unpack(payload)
