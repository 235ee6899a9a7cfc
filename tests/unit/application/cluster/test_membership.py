"""Membership of several nodes, and the users connected to any of them."""

import asyncio

from application.cluster.membership import SYNC_S
from application.cluster.membership_messages import NODES, PRESENCE
from tests.support.cluster import LEASE, ClusterNode, Nodes
from tests.support.stepping import finish

ADA, BOB = 1, 2


class Pair(Nodes):
    """Two nodes that know each other; the first one has a monitor."""

    def __init__(self) -> None:
        super().__init__()
        self.here, self.there = self.start(), self.start()
        self.bus.deliver_all()
        watch(self, self.here)


def watch(nodes: Nodes, node: ClusterNode) -> None:
    """Let a monitor connect, and deliver the snapshots that it asks for."""
    finish(node.cluster.watch())
    nodes.bus.deliver_all()
    finish(node.cluster.synced())


def test_users_of_all_nodes_are_listed() -> None:
    """Users connected before the monitor and after it are listed."""
    nodes = Nodes()
    here, there = nodes.start(), nodes.start()
    nodes.bus.deliver_all()
    here.cluster.connected(ADA)
    there.cluster.connected(BOB)
    watch(nodes, here)
    assert here.cluster.users() == [ADA, BOB]
    assert here.cluster.connections() == 2
    there.cluster.connected(3)
    nodes.bus.deliver_all()
    assert here.cluster.users() == [ADA, BOB, 3]


def test_joins_and_leaves_of_all_nodes_are_shown() -> None:
    """Each is shown once, the leave after the grace."""
    nodes = Pair()
    nodes.there.cluster.connected(BOB)
    nodes.bus.deliver_all()
    nodes.there.cluster.disconnected(BOB)
    nodes.wait(LEASE.grace_s - 1)
    assert nodes.here.shown == [("join", BOB)]
    nodes.wait(1)
    assert nodes.here.shown == [("join", BOB), ("leave", BOB)]
    assert nodes.here.cluster.users() == []


def test_user_on_two_nodes_leaves_with_the_last() -> None:
    """The join is shown with the first connection, the leave after the last one."""
    nodes = Pair()
    nodes.there.cluster.connected(ADA)
    nodes.bus.deliver_all()
    nodes.here.cluster.connected(ADA)
    nodes.there.cluster.disconnected(ADA)
    nodes.wait(LEASE.grace_s + 1)
    assert nodes.here.shown == [("join", ADA)]
    nodes.there.cluster.connected(ADA)
    nodes.here.cluster.disconnected(ADA)
    nodes.wait(LEASE.grace_s + 1)
    assert nodes.here.shown == [("join", ADA)]
    assert nodes.here.cluster.users() == [ADA]


def test_users_of_a_crashed_node_leave_with_its_lease() -> None:
    """They stay until the lease ends."""
    nodes = Pair()
    nodes.there.cluster.connected(BOB)
    nodes.bus.deliver_all()
    nodes.crash(nodes.there)
    nodes.wait(LEASE.silence_s - 1)
    assert nodes.here.shown == [("join", BOB)]
    nodes.wait(LEASE.length_s - LEASE.silence_s + 1)
    assert nodes.here.shown == [("join", BOB), ("leave", BOB)]
    assert nodes.here.cluster.connections() == 0


def test_users_of_a_stopped_node_have_time_to_turn_up_elsewhere() -> None:
    """Those who do not reconnect leave after the grace, before a lease would have ended."""
    nodes = Pair()
    for user_id in (ADA, BOB):
        nodes.there.cluster.connected(user_id)
    nodes.bus.deliver_all()
    nodes.stop(nodes.there)
    nodes.bus.deliver_all()
    nodes.here.cluster.connected(ADA)
    nodes.wait(LEASE.grace_s + LEASE.heartbeat_s)
    assert nodes.here.shown == [("join", ADA), ("join", BOB), ("leave", BOB)]


def test_without_a_broker_no_node_expires() -> None:
    """A node that does not receive its own heartbeats expires no other; a crash meanwhile shows
    after a lease."""
    nodes = Pair()
    nodes.there.cluster.connected(BOB)
    nodes.wait(2)
    for _ in range(60):
        nodes.pass_a_second()
        for node in nodes.alive:
            node.broadcaster.waiting.clear()
    assert nodes.here.shown == [("join", BOB)]
    nodes.crash(nodes.there)
    nodes.wait(LEASE.length_s + LEASE.heartbeat_s)
    assert nodes.here.shown == [("join", BOB), ("leave", BOB)]


def test_lost_changes_are_made_up_for_within_a_lease() -> None:
    """The next heartbeats show that changes were missed."""
    nodes = Pair()
    nodes.there.cluster.connected(ADA)
    nodes.bus.deliver_all()
    nodes.there.cluster.connected(BOB)
    nodes.here.broadcaster.waiting.clear()
    nodes.wait(LEASE.length_s)
    assert nodes.here.cluster.users() == [ADA, BOB]


def test_a_missed_change_is_noticed_at_the_next_one() -> None:
    """The snapshot is requested once, and the differences are shown."""
    nodes = Pair()
    nodes.there.cluster.connected(ADA)
    nodes.here.broadcaster.waiting.clear()
    for user_id in (BOB, 3):
        nodes.there.cluster.connected(user_id)
    nodes.bus.deliver_all()
    assert sorted(nodes.here.shown) == [("join", ADA), ("join", BOB), ("join", 3)]


def test_only_watching_nodes_get_presence_changes() -> None:
    """The other nodes get heartbeats only."""
    nodes = Pair()
    nodes.here.cluster.connected(ADA)
    nodes.there.cluster.heartbeat()
    topics = [[message.topic for _, message in node.broadcaster.waiting] for node in nodes.alive]
    assert topics == [[PRESENCE, NODES], [NODES]]


async def test_presence_is_forgotten_without_a_monitor() -> None:
    """The next monitor sends a sync request and waits for the snapshots, up to a limit."""
    nodes = Pair()
    nodes.there.cluster.connected(BOB)
    nodes.bus.deliver_all()
    await nodes.here.cluster.unwatch()
    assert nodes.here.cluster.users() == []
    nodes.there.cluster.connected(ADA)
    nodes.bus.deliver_all()
    await nodes.here.cluster.watch()
    await nodes.here.cluster.synced()
    assert nodes.here.cluster.users() == []
    counted = asyncio.create_task(nodes.here.cluster.synced())
    await asyncio.sleep(0)
    assert not counted.done()
    nodes.bus.deliver_all()
    await asyncio.wait_for(counted, SYNC_S / 2)
    assert nodes.here.cluster.users() == [ADA, BOB]


def test_second_monitor_does_not_wait() -> None:
    """The presence that the first monitor requested is kept while one of them stays."""
    nodes = Pair()
    nodes.there.cluster.connected(BOB)
    nodes.bus.deliver_all()
    finish(nodes.here.cluster.watch())
    finish(nodes.here.cluster.synced())
    finish(nodes.here.cluster.unwatch())
    assert nodes.here.cluster.users() == [BOB]


def test_a_new_node_knows_the_others_at_once() -> None:
    """They answer its join, so its first monitor waits for their snapshots."""
    nodes = Pair()
    nodes.there.cluster.connected(BOB)
    third = nodes.start()
    nodes.bus.deliver_all()
    watch(nodes, third)
    assert third.cluster.users() == [BOB]
