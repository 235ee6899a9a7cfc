"""Presence under every interleaving of nodes that start, stop and crash, and of messages that are
late, lost, repeated or reordered: after a lease without faults, every monitor is right."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.cluster import LEASE, ClusterNode, Nodes
from tests.support.stepping import finish

USERS = 8
MAX_NODES = 4


class Presences(RuleBasedStateMachine):
    """Nodes, devices, monitors and the messages between nodes."""

    @initialize(count=st.integers(1, MAX_NODES))
    def start(self, count: int) -> None:
        self.nodes = Nodes()
        for _ in range(count):
            self.nodes.start()
        self.bus = self.nodes.bus
        self.bus.deliver_all()
        self.watching: list[ClusterNode] = []
        self.devices: list[tuple[ClusterNode, int]] = []
        self._watch(self.nodes.alive[0])

    # Devices

    @rule(data=st.data(), user=st.integers(1, USERS))
    def device_connects(self, data: st.DataObject, user: int) -> None:
        node = self._pick(data, self.nodes.alive)
        node.cluster.connected(user)
        self.devices.append((node, user))

    @precondition(lambda self: self.devices)
    @rule(data=st.data())
    def device_leaves(self, data: st.DataObject) -> None:
        device = self._pick(data, self.devices)
        self.devices.remove(device)
        node, user = device
        node.cluster.disconnected(user)

    # MonitorFeed

    @precondition(lambda self: len(self.watching) < len(self.nodes.alive))
    @rule(data=st.data())
    def monitor_comes(self, data: st.DataObject) -> None:
        """It does not wait for the snapshots; users learnt later are shown as joins."""
        self._watch(self._pick(data, [n for n in self.nodes.alive if n not in self.watching]))

    def _watch(self, node: ClusterNode) -> None:
        finish(node.cluster.watch())
        node.shown = [("join", user) for user in node.cluster.users()]
        self.watching.append(node)

    @precondition(lambda self: self.watching)
    @rule(data=st.data())
    def monitor_goes(self, data: st.DataObject) -> None:
        node = self._pick(data, self.watching)
        self.watching.remove(node)
        finish(node.cluster.unwatch())

    # Nodes

    @precondition(lambda self: len(self.nodes.alive) < MAX_NODES)
    @rule()
    def node_starts(self) -> None:
        self.nodes.start()

    @precondition(lambda self: len(self.nodes.alive) > 1)
    @rule(data=st.data(), in_order=st.booleans())
    def node_ends(self, data: st.DataObject, in_order: bool) -> None:
        node = self._pick(data, self.nodes.alive)
        (self.nodes.stop if in_order else self.nodes.crash)(node)
        self.devices = [device for device in self.devices if device[0] is not node]
        if node in self.watching:
            self.watching.remove(node)

    # Messages

    @precondition(lambda self: self.bus.under_way())
    @rule(data=st.data(), keep=st.booleans())
    def message_arrives(self, data: st.DataObject, keep: bool) -> None:
        node, index = self._pick(data, self.bus.under_way())
        node.deliver(index, keep=keep)

    @precondition(lambda self: self.bus.under_way())
    @rule(data=st.data())
    def message_is_lost(self, data: st.DataObject) -> None:
        node, index = self._pick(data, self.bus.under_way())
        node.lose(index)

    @rule(data=st.data())
    def node_is_cut_off(self, data: st.DataObject) -> None:
        """All messages in flight to a node are lost."""
        self._pick(data, self.nodes.alive).broadcaster.waiting.clear()

    @rule()
    def all_messages_arrive(self) -> None:
        self.bus.deliver_all()

    @rule(seconds=st.integers(1, 5))
    def time_passes(self, seconds: int) -> None:
        for _ in range(seconds):
            self.nodes.pass_a_second()

    def _pick(self, data: st.DataObject, items: list[Any]) -> Any:
        return items[data.draw(st.integers(0, len(items) - 1))]

    # What must hold

    @invariant()
    def joins_and_leaves_alternate(self) -> None:
        """The joins and leaves that a monitor was shown add up to the users that its node knows."""
        for node in getattr(self, "watching", []):
            present: set[int] = set()
            for move, user in node.shown:
                assert (move == "leave") == (user in present)
                present.symmetric_difference_update({user})
            assert sorted(present) == node.cluster.users()

    @rule()
    def all_is_calm(self) -> None:
        """After a lease and a grace without faults, each monitor sees the connected users."""
        self.nodes.wait(LEASE.length_s + LEASE.grace_s + LEASE.heartbeat_s)
        expected = sorted({user for _, user in self.devices})
        for node in self.watching:
            assert node.cluster.users() == expected
            assert node.cluster.connections() == len(self.devices)


TestPresences = Presences.TestCase
TestPresences.settings = settings(max_examples=4 * settings().max_examples, stateful_step_count=50)
