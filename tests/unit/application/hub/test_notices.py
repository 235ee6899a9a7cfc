"""Notices are sent to all connections, a slice at a time."""

from typing import Any
from uuid import UUID, uuid4

from application.cluster.messages import NoticeSent
from application.connections.cooperative_scheduling import MIN_ITEMS
from application.hub.notices import REMEMBERED
from application.ports.telemetry import Counted
from tests.support.stage import REALTIME, Socket, Stage
from tests.support.stepping import finish_cooperatively, step_cooperatively

FRAME = b'{"type":"announcement","message":"%d"}'


def announce(stage: Stage, number: int = 0, notice_id: UUID | None = None) -> None:
    """Let a notice arrive at this node."""
    stage.world.hub.receive(NoticeSent(str(notice_id or uuid4()), FRAME % number))


def hand_out(stage: Stage) -> None:
    finish_cooperatively(stage.world.hub.notices.show_waiting())


def heard(socket: Socket[Any]) -> list[int]:
    """The numbers of the notices that it got, in order."""
    frames = socket.sink.decoded()
    return [int(frame["message"]) for frame in frames if frame["type"] == "announcement"]


def test_everybody_gets_the_notice(stage: Stage) -> None:
    """All devices of all users and all monitors get the same bytes."""
    sockets: list[Socket[Any]] = [
        stage.device(),
        stage.device(),
        stage.device(user=stage.bob),
        stage.monitor(),
    ]
    announce(stage)
    hand_out(stage)
    assert [socket.sink.frames[-1] for socket in sockets] == [FRAME % 0] * 4
    assert stage.world.telemetry.total(Counted.SKIPPED_NOTICES) == 0


def test_legacy_clients_get_no_notice(stage: Stage) -> None:
    """Their format has no such frame."""
    legacy = stage.device(legacy=True)
    announce(stage)
    hand_out(stage)
    assert legacy.types() == ["ws_ack"]


def test_a_device_that_catches_up_gets_the_notice(stage: Stage) -> None:
    """The frame has no number and does not move the position."""
    device = stage.device()
    stage.act(2)
    stage.lose_all()
    stage.act()
    stage.deliver_all()
    announce(stage)
    hand_out(stage)
    stage.answer()
    assert heard(device) == [0]
    assert device.seqs() == [1, 2, 3]


def test_the_first_frames_come_first(stage: Stage) -> None:
    """Connections that have not had their first frames are skipped and counted."""
    device, monitor = stage.opening_device(), stage.opening_monitor()
    announce(stage)
    hand_out(stage)
    assert (device.sink.frames, monitor.sink.frames) == ([], [])
    assert stage.world.telemetry.total(Counted.SKIPPED_NOTICES) == 2


def test_slow_sockets_are_skipped(stage: Stage) -> None:
    """Their buffers stay limited, and they get later notices once they have room."""
    device, other = stage.device(), stage.device(user=stage.bob)
    stage.act(pad=REALTIME.buffer_bytes - 500)
    stage.deliver_all()
    for number in range(100):
        announce(stage, number)
    hand_out(stage)
    assert len(heard(other)) == 100
    assert 0 < len(heard(device)) < 100
    assert device.sink.max_buffered < REALTIME.buffer_bytes + len(FRAME)
    assert stage.world.telemetry.total(Counted.SKIPPED_NOTICES) == 100 - len(heard(device))
    device.sink.drain()
    announce(stage, 100)
    hand_out(stage)
    assert heard(device)[-1] == 100


def test_notices_keep_their_order(stage: Stage) -> None:
    """A notice that arrives while another one is being sent follows it on every socket."""
    devices = [stage.device() for _ in range(3 * MIN_ITEMS)]
    announce(stage, 1)
    steps = step_cooperatively(stage.world.hub.notices.show_waiting())
    next(steps)
    announce(stage, 2)
    assert len(list(steps)) > 1
    assert [heard(device) for device in devices] == [[1, 2]] * len(devices)


def test_devices_may_come_and_go_meanwhile(stage: Stage) -> None:
    """Devices that stay get the notice once; those that left get nothing."""
    users = [stage.world.add_player(f"player{n}") for n in range(4 * MIN_ITEMS)]
    devices = [stage.device(user=user) for user in [*users, *users]]
    announce(stage)
    steps = step_cooperatively(stage.world.hub.notices.show_waiting())
    next(steps)
    notified = [device for device in devices if heard(device)]
    leaving = [notified[0], devices[-1]]
    for device in leaving:
        stage.leave(device)
    late = stage.device(user=users[-1]), stage.device()
    assert list(steps)
    staying = [device for device in devices if device not in leaving]
    assert [heard(device) for device in staying] == [[0]] * len(staying)
    assert heard(devices[-1]) == []
    assert all(heard(device) in ([], [0]) for device in late)


def test_what_a_broker_repeats_is_shown_once(stage: Stage) -> None:
    """A duplicate is dropped, also after other notices."""
    device, first = stage.device(), uuid4()
    announce(stage, 1, first)
    for number in range(2, 2 + REMEMBERED - 1):
        announce(stage, number)
    announce(stage, 1, first)
    hand_out(stage)
    assert heard(device) == list(range(1, REMEMBERED + 1))
