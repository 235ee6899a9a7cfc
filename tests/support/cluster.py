"""Nodes that communicate over a stepping bus, with what their monitors show."""

from attrs import define, field

from application.cluster.membership import Lease, Membership
from application.cluster.membership_messages import MembershipMessage
from application.cluster.presence import Presence
from application.frames.control_frames import ControlFrame
from domain.broadcaster import Message
from tests.support.stepping import FakeClock, SteppingBus, SteppingBusBroadcaster, finish

LEASE = Lease(length_s=8, grace_s=5)


@define(eq=False)
class ClusterNode:
    """One node, its devices, and the joins and leaves that its monitors were shown."""

    clock: FakeClock
    bus: SteppingBus
    node_id: str
    shown: list[tuple[str, int]] = field(factory=list)
    broadcaster: SteppingBusBroadcaster = field(init=False)
    cluster: Membership = field(init=False)
    presence: Presence = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.broadcaster = SteppingBusBroadcaster(self.bus)
        self.presence = Presence(LEASE.grace_s)
        self.cluster = Membership(
            self.node_id, self.broadcaster, self.clock, self.presence, LEASE, self._show
        )
        finish(self.broadcaster.start(self._receive))
        finish(self.cluster.start())

    def crash(self) -> None:
        """Stop without a leave message; messages in flight still arrive."""
        finish(self.broadcaster.stop())

    def stop(self) -> None:
        """Send a leave message first."""
        finish(self.cluster.stop())
        self.crash()

    def _receive(self, message: Message) -> None:
        assert isinstance(message, MembershipMessage)
        self.cluster.receive(message)

    def _show(self, user_id: int, frame: ControlFrame) -> None:
        self.shown.append((frame.type.removeprefix("presence_"), user_id))


class Nodes:
    """A cluster. Time passes for all nodes at once."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.bus = SteppingBus()
        self.alive: list[ClusterNode] = []
        self._started = 0

    def start(self) -> ClusterNode:
        """One more node."""
        self._started += 1
        node = ClusterNode(self.clock, self.bus, f"node{self._started}")
        self.alive.append(node)
        return node

    def wait(self, seconds: float) -> None:
        """Let time pass with heartbeats and ticks, and deliver all messages."""
        for _ in range(int(seconds)):
            self.pass_a_second()
            self.bus.deliver_all()

    def pass_a_second(self) -> None:
        """Let a second pass without delivering messages."""
        self.clock.advance(1)
        for node in self.alive:
            node.cluster.tick()
            if self.clock.monotonic() % LEASE.heartbeat_s == 0:
                node.cluster.heartbeat()

    def crash(self, node: ClusterNode) -> None:
        self.alive.remove(node)
        node.crash()

    def stop(self, node: ClusterNode) -> None:
        self.alive.remove(node)
        node.stop()
