"""Devices that share a live group, join it and leave it."""

import pytest

from application.cluster.messages import LoginRevoked
from application.ports.telemetry import Counted
from application.sync.session import Mode, Session
from tests.support.stage import HIGH_WATER, REALTIME, Socket, Stage

FULL = REALTIME.buffer_bytes - 500
"""So much waits in a socket that a small event still fits, and a larger one does not."""


@pytest.fixture
def devices(stage: Stage) -> list[Socket[Session]]:
    """Three devices of Ada in a live group that have seen event 1."""
    devices = [stage.device() for _ in range(3)]
    stage.act()
    stage.deliver_all()
    groups = {id(device.connection.shared) for device in devices}
    assert len(groups) == 1
    assert devices[0].connection.shared is not None
    return devices


def test_devices_that_keep_up_share_a_position(
    stage: Stage, devices: list[Socket[Session]]
) -> None:
    """The position moves for all of them at once."""
    stage.act(2)
    stage.deliver_all()
    assert [device.connection.position for device in devices] == [3, 3, 3]
    assert [device.seqs() for device in devices] == [[1, 2, 3]] * 3


def test_a_single_device_is_in_no_live_group(stage: Stage) -> None:
    """It has a position of its own."""
    device = stage.device()
    stage.act()
    stage.deliver_all()
    assert device.connection.shared is None
    assert device.seqs() == [1]


def test_a_newcomer_joins_with_the_next_event(stage: Stage, devices: list[Socket[Session]]) -> None:
    """It joins the live group once it is at the same position."""
    newcomer = stage.device(since="test-epoch:1")
    assert newcomer.connection.shared is None
    stage.act()
    stage.deliver_all()
    assert newcomer.connection.shared is devices[0].connection.shared
    stage.act()
    stage.deliver_all()
    assert newcomer.seqs() == [2, 3]


def test_a_device_that_is_ahead_waits_for_the_live_group(
    stage: Stage, devices: list[Socket[Session]]
) -> None:
    """Events that it read before the broker delivered them are not written again."""
    stage.act()
    stage.act()
    ahead = stage.device(since="test-epoch:1")
    stage.act()
    stage.world.broadcaster.deliver(0)
    assert ahead.connection.shared is None
    assert ahead.connection.position == 3
    stage.deliver_all()
    assert ahead.connection.shared is devices[0].connection.shared
    assert ahead.seqs() == [2, 3, 4]
    assert devices[0].seqs() == [1, 2, 3, 4]


def test_a_repeated_message_moves_nobody(stage: Stage, devices: list[Socket[Session]]) -> None:
    """A duplicate is dropped, also when it arrives after later messages."""
    stage.act()
    stage.world.broadcaster.deliver(0, keep=True)
    stage.act()
    stage.world.broadcaster.deliver(1)
    stage.deliver_all()
    assert [device.seqs() for device in devices] == [[1, 2, 3]] * 3


def test_what_overlaps_is_shown_once(stage: Stage, devices: list[Socket[Session]]) -> None:
    """Of a range that begins before the position, only new events are written."""
    stage.act(2)
    stage.world.broadcaster.deliver(0, keep=True)
    stage.act()
    stage.world.end_of_tick.brief = False
    stage.deliver_all()
    stage.world.end_of_tick.end()
    assert [device.seqs() for device in devices] == [[1, 2, 3, 4]] * 3


def test_a_full_device_leaves_the_group_alone(stage: Stage, devices: list[Socket[Session]]) -> None:
    """It catches up from its own position and joins the live group again."""
    slow, *fast = devices
    for device in fast:
        device.sink.drain()
    slow.sink.drain()
    stage.act(pad=FULL)
    stage.deliver_all()
    for device in fast:
        device.sink.drain()
    stage.act(pad=HIGH_WATER // 2)
    stage.deliver_all()
    assert (slow.mode(), slow.connection.position) == (Mode.CATCHING_UP, 2)
    assert slow.connection.shared is None
    assert [device.seqs() for device in fast] == [[1, 2, 3]] * 2
    slow.sink.drain()
    stage.world.settle()
    stage.act()
    stage.deliver_all()
    assert slow.seqs() == [1, 2, 3, 4]
    assert slow.connection.shared is fast[0].connection.shared


def test_a_gap_makes_all_devices_catch_up(stage: Stage, devices: list[Socket[Session]]) -> None:
    """Each device reads the lost events for itself."""
    stage.act()
    stage.lose_all()
    stage.act()
    stage.deliver_all()
    assert [device.mode() for device in devices] == [Mode.CATCHING_UP] * 3
    assert [device.connection.shared for device in devices] == [None] * 3
    assert [device.connection.position for device in devices] == [1] * 3
    stage.world.settle()
    stage.act()
    stage.deliver_all()
    assert [device.seqs() for device in devices] == [[1, 2, 3, 4]] * 3
    assert devices[0].connection.shared is not None


def test_the_journal_poll_finds_what_a_live_group_missed(
    stage: Stage, devices: list[Socket[Session]]
) -> None:
    """A repair is counted for each device."""
    stage.act()
    stage.lose_all()
    stage.world.poll_journal()
    stage.world.settle()
    assert stage.world.telemetry.total(Counted.REPAIRS) == 3
    assert [device.seqs() for device in devices] == [[1, 2]] * 3


def test_a_device_that_leaves_keeps_its_position(
    stage: Stage, devices: list[Socket[Session]]
) -> None:
    """The others go on."""
    gone, *others = devices
    stage.leave(gone)
    stage.act()
    stage.deliver_all()
    assert gone.connection.position == 1
    assert gone.seqs() == [1]
    assert [device.seqs() for device in others] == [[1, 2]] * 2


def test_each_frame_format_has_a_live_group_of_its_own(stage: Stage) -> None:
    """Each live group gets the frames of its format."""
    standard = [stage.device() for _ in range(2)]
    legacy = [stage.device(legacy=True) for _ in range(2)]
    stage.play()
    stage.deliver_all()
    stage.act()
    stage.deliver_all()
    assert {id(d.connection.shared) for d in standard} != {id(d.connection.shared) for d in legacy}
    assert [device.seqs() for device in standard] == [[1, 2, 3]] * 2
    assert [device.types() for device in legacy] == [["ws_ack", "game_event"]] * 2
    assert {device.connection.position for device in legacy} == {3}


def test_what_arrives_in_a_tick_is_written_together(
    stage: Stage, devices: list[Socket[Session]]
) -> None:
    """It is written at the end of the tick, or before a close that must not overtake it."""
    stage.world.end_of_tick.brief = False
    stage.act()
    stage.act()
    stage.deliver_all()
    assert devices[0].seqs() == [1]
    stage.world.end_of_tick.end()
    assert devices[0].seqs() == [1, 2, 3]
    stage.act()
    stage.deliver_all()
    stage.world.hub.apply(LoginRevoked("login"))
    assert devices[0].seqs() == [1, 2, 3, 4]
    assert devices[0].closed_with() is not None


def test_the_journal_poll_does_not_repair_what_has_arrived(
    stage: Stage, devices: list[Socket[Session]]
) -> None:
    """Events that arrived in this tick are written before the poll compares positions."""
    stage.world.end_of_tick.brief = False
    stage.act()
    stage.deliver_all()
    stage.world.poll_journal()
    assert stage.world.telemetry.total(Counted.REPAIRS) == 0
    assert devices[0].seqs() == [1, 2]
