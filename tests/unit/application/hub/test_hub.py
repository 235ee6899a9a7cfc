"""Hub: which connections get an event, and until when."""

from collections.abc import Generator
from typing import Any

import pytest
from dependency_injector import providers

from adapters.outbound.broadcast.encoded_message import EncodedMessage
from application.cluster.event_range import user_topic
from application.cluster.messages import GAMES, LoginRevoked
from application.frames.close_codes import CloseCode
from domain.broadcaster import Message
from tests.support.recording_sink import RecordingSink
from tests.support.stage import REALTIME, Socket, Stage
from tests.support.stepping import SteppingBroadcaster, finish
from tests.support.world import World


def reaches(stage: Stage, topic: str) -> bool:
    """Whether this node is subscribed to the topic."""
    received: list[Message] = []
    finish(stage.world.broadcaster.start(received.append))
    stage.world.broadcaster.publish(EncodedMessage(topic, b""))
    stage.deliver_all()
    finish(stage.world.broadcaster.start(stage.world.hub.receive))
    return bool(received)


def test_events_reach_all_devices_of_their_user_only(stage: Stage) -> None:
    """Two devices of Ada get the event, a device of Bob does not."""
    adas, bobs = [stage.device(), stage.device()], stage.device(user=stage.bob)
    stage.act()
    stage.deliver_all()
    assert [device.seqs() for device in adas] == [[1], [1]]
    assert bobs.seqs() == []


def test_devices_share_what_is_encoded(stage: Stage) -> None:
    """An event is encoded once for all devices."""
    first, second = stage.device(), stage.device()
    stage.act()
    stage.deliver_all()
    assert first.sink.frames[-1] is second.sink.frames[-1]


def test_events_while_joining_are_not_missed(stage: Stage) -> None:
    """The topic is subscribed to before the first read."""
    device = stage.opening_device()
    stage.act()
    stage.deliver_all()
    stage.answer()
    assert device.sink.decoded()[0]["seq"] == 1


def test_topic_is_left_with_the_last_device(stage: Stage) -> None:
    """It is not left before, nor when another user's device leaves."""
    first, second = stage.device(), stage.device()
    other = stage.device(user=stage.bob)
    stage.leave(other)
    stage.leave(first)
    assert reaches(stage, user_topic(stage.ada))
    stage.leave(second)
    assert not reaches(stage, user_topic(stage.ada))


def test_device_that_left_gets_nothing(stage: Stage) -> None:
    """Another device of the user still gets events."""
    first, second = stage.device(), stage.device()
    stage.leave(first)
    stage.act()
    stage.deliver_all()
    assert (first.seqs(), second.seqs()) == ([], [1])


def test_late_message_for_nobody_is_dropped(stage: Stage) -> None:
    """A broker may deliver a message after the topic was left."""
    stage.act()
    stage.world.hub.receive(stage.world.broadcaster.under_way[0])
    device = stage.device()
    assert device.seqs() == []


def test_topic_of_games_is_left_with_the_last_monitor(stage: Stage) -> None:
    """It is subscribed to with the first monitor."""
    assert not reaches(stage, GAMES)
    first, second = stage.monitor(), stage.monitor()
    stage.leave(first)
    assert reaches(stage, GAMES)
    stage.leave(second)
    assert not reaches(stage, GAMES)


def test_monitor_that_left_gets_nothing(stage: Stage) -> None:
    """Its connection is closed."""
    first, second = stage.monitor(), stage.monitor()
    stage.leave(first)
    stage.play()
    stage.deliver_all()
    assert len(first.sink.frames) == 1
    assert len(second.sink.frames) == 2
    assert first.connection.closed


def test_connections_are_all_of_them(stage: Stage) -> None:
    """Sessions and monitors are listed until they leave."""
    sockets: list[Socket[Any]] = [
        stage.device(),
        stage.device(user=stage.bob),
        stage.monitor(),
    ]
    assert list(stage.world.hub.connections()) == [socket.connection for socket in sockets]
    stage.leave_all()
    assert list(stage.world.hub.connections()) == []


def test_end_of_a_login_closes_its_connections(stage: Stage) -> None:
    """Devices and monitors of that login are closed, and no others."""
    lost = stage.opening_device(login_id="lost phone")
    kept = stage.opening_device(login_id="laptop")
    monitor = stage.opening_monitor(login_id="lost phone")
    stage.world.hub.apply(LoginRevoked("lost phone"))
    assert lost.closed_with() == CloseCode.UNAUTHENTICATED
    assert monitor.closed_with() == CloseCode.UNAUTHENTICATED
    assert kept.closed_with() is None
    assert stage.world.container.revocations().hold("lost phone")


def test_device_of_an_ended_login_is_not_admitted(stage: Stage) -> None:
    """A login that ended after its token was verified opens no connection."""
    stage.world.hub.apply(LoginRevoked("lost phone"))
    device = stage.opening_device(login_id="lost phone")
    monitor = stage.opening_monitor(login_id="lost phone")
    assert device.closed_with() == CloseCode.UNAUTHENTICATED
    assert monitor.closed_with() == CloseCode.UNAUTHENTICATED
    assert stage.reads == 0


def test_unknown_topic_is_ignored(stage: Stage) -> None:
    """A newer node may publish what this one does not know."""
    device, monitor = stage.device(), stage.monitor()
    before = [*device.types(), *monitor.types()]
    stage.world.hub.receive(EncodedMessage("weather", b"sunny"))
    assert [*device.types(), *monitor.types()] == before
    assert not stage.world.container.revocations().hold("sunny")


def test_presence_counts_the_devices(stage: Stage) -> None:
    """Users and connections are those of the open devices."""
    first, _ = stage.device(), stage.device(user=stage.bob)
    assert stage.world.hub.membership.users() == [stage.ada, stage.bob]
    stage.leave(first)
    assert stage.world.hub.membership.connections() == 1
    stage.wait(REALTIME.presence_grace_s)
    assert stage.world.hub.membership.users() == [stage.bob]


def test_nothing_is_read_before_the_subscription_holds() -> None:
    """An event committed after the read must reach the session, so it subscribes first."""
    world = World()
    slow = SlowSubscriptions()
    world.container.broadcaster.override(providers.Object(slow))
    world.container.hub.reset()
    world.container.connection_factory.reset()
    caller, sink = world.caller(world.add_player("ada")), RecordingSink()
    frame_format = world.container.standard_formats().default
    joining = (
        world.container.connection_factory().session(caller, sink, frame_format, None).__aenter__()
    )
    joining.send(None)
    assert world.reader.pending == []
    with pytest.raises(StopIteration):
        joining.send(None)
    assert len(world.reader.pending) == 1


class SlowSubscriptions(SteppingBroadcaster):
    """`subscribe` waits until it is resumed."""

    async def subscribe(self, topic: str) -> None:
        await Pause()
        await super().subscribe(topic)


class Pause:
    """Suspends a coroutine once."""

    def __await__(self) -> Generator[None, None, None]:
        yield
