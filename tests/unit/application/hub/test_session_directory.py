"""Where a user is connected, over all nodes."""

import asyncio

import pytest

from application.cluster.session_messages import SESSIONS
from application.frames.close_codes import CloseCode
from application.hub import session_directory
from application.hub.session_directory import SessionDirectory, SessionsFound
from domain.broadcaster import Message
from tests.support.cluster import ClusterNode, Nodes
from tests.support.stage import Stage
from tests.support.stepping import SteppingBus, SteppingBusBroadcaster, finish


class TwoNodes:
    """Two nodes that know each other; `stages` has the connections of each."""

    def __init__(self) -> None:
        cluster = Nodes()
        nodes = [cluster.start(), cluster.start()]
        cluster.wait(4)
        self.bus = SteppingBus()
        self.stages = [Stage(), Stage()]
        self.directories = [
            self._directory(node, stage) for node, stage in zip(nodes, self.stages, strict=True)
        ]

    def _directory(self, node: ClusterNode, stage: Stage) -> SessionDirectory:
        broadcaster = SteppingBusBroadcaster(self.bus)
        hub = stage.world.hub
        directory = SessionDirectory(broadcaster, node.cluster, hub.connections_of)

        def receive(message: Message) -> None:
            directory.receive(message)  # type: ignore[arg-type]  # of one topic

        finish(broadcaster.start(receive))
        finish(broadcaster.subscribe(SESSIONS))
        return directory

    async def find(self, *, close: bool = False) -> SessionsFound:
        """Ask the first node for the connections of Ada; all messages arrive."""
        asked = asyncio.create_task(self.directories[0].find(self.stages[0].ada, close=close))
        await asyncio.sleep(0)
        self.bus.deliver_all()
        return await asked


@pytest.fixture
def nodes() -> TwoNodes:
    return TwoNodes()


async def test_connections_of_all_nodes_are_found(nodes: TwoNodes) -> None:
    """With their node, kind, mode and position; others' connections are left out."""
    here, there = nodes.stages
    phone = here.device()
    here.device(user=here.bob)
    laptop = there.opening_device()
    found = await nodes.find()
    assert (found.nodes, found.answered) == (2, 2)
    [of_phone], [of_laptop] = found.by_node["node1"], found.by_node["node2"]
    assert (of_phone.kind, of_phone.mode, of_phone.position) == ("session", "live", 0)
    assert of_phone.connection_id == phone.connection.peer.connection_id
    assert of_laptop.mode == "opening"
    assert of_laptop.connection_id == laptop.connection.peer.connection_id


async def test_monitors_are_found(nodes: TwoNodes) -> None:
    """They are connections of their operator."""
    stage = nodes.stages[0]
    stage.monitor()
    [monitor] = stage.world.hub.directory._answer(stage.bob, close=False)
    assert (monitor.kind, monitor.mode) == ("monitor", "live")


async def test_connections_are_closed_on_all_nodes(nodes: TwoNodes) -> None:
    """With a code after which clients return; nobody else's."""
    here, there = nodes.stages
    theirs = [here.device(), here.device(), there.device()]
    other = here.device(user=here.bob)
    found = await nodes.find(close=True)
    assert [len(sessions) for sessions in found.by_node.values()] == [2, 1]
    assert [device.closed_with() for device in theirs] == [CloseCode.DISCONNECTED] * 3
    assert other.closed_with() is None
    assert here.world.telemetry.counts


async def test_a_silent_node_is_not_waited_for(
    nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result tells that it is not complete."""
    monkeypatch.setattr(session_directory, "ANSWER_S", 0.01)
    nodes.stages[0].device()
    found = await nodes.directories[0].find(nodes.stages[0].ada)
    assert (found.nodes, found.answered) == (2, 1)
    assert len(found.by_node["node1"]) == 1


async def test_a_late_answer_is_ignored(nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """It belongs to no question any more, and does not disturb the next one."""
    monkeypatch.setattr(session_directory, "ANSWER_S", 0.01)
    await nodes.directories[0].find(nodes.stages[0].ada)
    nodes.stages[1].device()
    nodes.bus.deliver_all()
    found = await nodes.find()
    assert [len(sessions) for sessions in found.by_node.values()] == [0, 1]
