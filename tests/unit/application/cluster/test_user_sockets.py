"""Sockets of a user over all nodes."""

import pytest
from attrs import define, field

from application.cluster.messages import SOCKETS, UserSocketCount
from application.cluster.user_sockets import SocketLimit, UserSockets
from application.ports.telemetry import Counted
from domain.broadcaster import Message
from domain.errors import TooManyRequests
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.stepping import FakeClock, SteppingBus, SteppingBusBroadcaster, finish

LIMIT = SocketLimit(sockets=8, lease_s=10)
USER, OTHER = 7, 8


@define(eq=False)
class Nodes:
    """Nodes on one bus, which delivers when told to."""

    clock: FakeClock = field(factory=FakeClock)
    bus: SteppingBus = field(factory=SteppingBus)
    telemetry: RecordingTelemetry = field(factory=RecordingTelemetry)
    told: list[Message] = field(factory=list)

    def start(self, name: str) -> UserSockets:
        """One more node."""
        broadcaster = SteppingBusBroadcaster(self.bus)
        node = UserSockets(name, broadcaster, self.clock, self.telemetry, LIMIT)

        def receive(message: Message) -> None:
            assert isinstance(message, UserSocketCount)
            self.told.append(message)
            node.receive(message)

        finish(broadcaster.start(receive))
        finish(broadcaster.subscribe(SOCKETS))
        return node


def opened(node: UserSockets, count: int, user_id: int = USER) -> None:
    for _ in range(count):
        node.require_room(user_id)
        node.opened(user_id)


def is_full(node: UserSockets, user_id: int = USER) -> bool:
    try:
        node.require_room(user_id)
    except TooManyRequests:
        return True
    return False


def test_a_user_has_so_many_sockets_and_no_more() -> None:
    """Others have theirs; a socket that closes makes room."""
    nodes = Nodes()
    node = nodes.start("a")
    opened(node, 8)
    with pytest.raises(TooManyRequests) as caught:
        node.require_room(USER)
    assert caught.value.error_code == "too_many_sockets"
    assert nodes.telemetry.counts[Counted.LIMITED, "sockets_per_user"] == 1
    opened(node, 8, OTHER)
    node.closed(USER)
    assert not is_full(node)


def test_sockets_on_other_nodes_count() -> None:
    """As soon as they are told."""
    nodes = Nodes()
    one, two, three = (nodes.start(name) for name in "abc")
    opened(one, 4)
    nodes.bus.deliver_all()
    opened(two, 4)
    nodes.bus.deliver_all()
    assert [is_full(node) for node in (one, two, three)] == [True] * 3
    assert not is_full(three, OTHER)
    one.closed(USER)
    nodes.bus.deliver_all()
    assert [is_full(node) for node in (one, two, three)] == [False] * 3


def test_nothing_is_told_of_users_with_few_sockets() -> None:
    """Below a quarter of the limit."""
    nodes = Nodes()
    one = nodes.start("a")
    opened(one, 1)
    one.heartbeat()
    one.closed(USER)
    nodes.bus.deliver_all()
    assert nodes.told == []


def test_a_node_that_is_gone_is_forgotten() -> None:
    """When it has not repeated its count for a lease."""
    nodes = Nodes()
    one, two = nodes.start("a"), nodes.start("b")
    opened(one, 8)
    nodes.bus.deliver_all()
    nodes.clock.advance(9)
    one.heartbeat()
    nodes.bus.deliver_all()
    nodes.clock.advance(9)
    assert is_full(two)
    nodes.clock.advance(1)
    assert not is_full(two)


def test_what_was_lost_is_told_again() -> None:
    """With the next heartbeat."""
    nodes = Nodes()
    one = nodes.start("a")
    opened(one, 8)
    nodes.bus.deliver_all()
    two = nodes.start("b")
    assert not is_full(two)
    one.heartbeat()
    nodes.bus.deliver_all()
    assert is_full(two)
