"""A monitor's modes, one change at a time."""

import itertools

import pytest

from application.frames.close_codes import CloseCode
from application.frames.frame import Frame
from application.monitoring.monitor_item import MonitorItem
from application.monitoring.monitor_session import (
    MAX_PENDING,
    RECENT_GAMES,
    MonitorMode,
    MonitorSession,
)
from domain.errors import Forbidden, NotFound
from tests.support.stage import HIGH_WATER, REALTIME, Socket, Stage

_numbers = itertools.count(1)


def big_item(size: int) -> MonitorItem:
    """A game's frame of exactly this many bytes."""
    frame = Frame(b'{"type":"%b"}' % (b"x" * (size - 11)))
    return MonitorItem(frame=frame, user_id=1, game_type="slot", key=(1, next(_numbers)))


def test_snapshot_shows_users_and_games(stage: Stage) -> None:
    """It has the connected users, the number of devices, and the latest games, oldest first."""
    stage.device()
    stage.device()
    stage.device(user=stage.bob)
    stage.play()
    stage.play(stage.bob)
    stage.lose_all()
    snapshot = stage.monitor().last()
    games = snapshot.pop("recent_events")
    assert snapshot == {
        "type": "monitor_snapshot",
        "v": 1,
        "connected_users": [stage.ada, stage.bob],
        "user_count": 2,
        "connection_count": 3,
    }
    assert [game["user_id"] for game in games] == [stage.ada, stage.bob]
    assert {game["type"] for game in games} == {"game_event"}


def test_snapshot_shows_the_latest_games_only(stage: Stage) -> None:
    """It has at most RECENT_GAMES games."""
    for _ in range(RECENT_GAMES):
        stage.play(stage.bob)
    stage.play(stage.ada)
    stage.lose_all()
    games = stage.monitor().last()["recent_events"]
    assert len(games) == RECENT_GAMES
    assert games[-1]["user_id"] == stage.ada


def test_live_monitor_sees_games_of_all(stage: Stage) -> None:
    """Other events are not shown."""
    monitor = stage.monitor()
    stage.play()
    stage.act()
    stage.play(stage.bob)
    stage.deliver_all()
    assert monitor.types() == ["monitor_snapshot", "game_event", "game_event"]
    assert [f["user_id"] for f in monitor.sink.decoded()[1:]] == [stage.ada, stage.bob]


def test_game_while_opening_is_shown_once(stage: Stage) -> None:
    """A game is in the snapshot or follows it, whatever the numbers of other users."""
    monitor = stage.opening_monitor()
    stage.play()
    stage.deliver_all()
    stage.world.reader.run(0)
    stage.play()
    stage.play(stage.bob)
    stage.deliver_all()
    assert monitor.types() == []
    stage.answer()
    snapshot, *after = monitor.sink.decoded()
    assert [game["user_id"] for game in snapshot["recent_events"]] == [stage.ada]
    assert [game["user_id"] for game in after] == [stage.ada, stage.bob]
    assert len({game["id"] for game in [*snapshot["recent_events"], *after]}) == 3


def test_game_of_the_snapshot_is_not_shown_again(stage: Stage) -> None:
    """A game read for the snapshot is dropped when the broker delivers it later."""
    stage.play()
    monitor = stage.monitor()
    stage.deliver_all()
    assert monitor.types() == ["monitor_snapshot"]
    stage.play()
    stage.deliver_all()
    assert monitor.types() == ["monitor_snapshot", "game_event"]


def test_pending_frames_are_shown_only_once(stage: Stage) -> None:
    """A second snapshot does not repeat what followed the first."""
    monitor = stage.opening_monitor()
    monitor.connection.deliver([big_item(REALTIME.buffer_bytes)])
    stage.answer()
    flood(monitor)
    monitor.sink.drain()
    stage.answer()
    assert monitor.types()[-2:] == ["monitor_gap", "monitor_snapshot"]


def flood(monitor: Socket[MonitorSession]) -> None:
    """Deliver one frame more than the full socket has room for."""
    monitor.connection.deliver([big_item(20)])


def test_flooded_monitor_gets_a_fresh_snapshot(stage: Stage) -> None:
    """Once drained, it gets the number of missed frames and a new snapshot."""
    monitor = stage.monitor()
    monitor.connection.deliver([big_item(REALTIME.buffer_bytes)])
    assert monitor.mode() is MonitorMode.LIVE
    monitor.connection.deliver([big_item(20)] * 2)
    assert monitor.mode() is MonitorMode.FLOODED
    stage.play()
    stage.deliver_all()
    assert len(monitor.sink.frames) == 2
    assert stage.reads == 0
    monitor.sink.drain()
    assert monitor.mode() is MonitorMode.OPENING
    stage.answer()
    gap, snapshot = monitor.sink.decoded()[2:]
    assert gap == {"type": "monitor_gap", "v": 1, "missed": 3}
    assert (snapshot["type"], len(snapshot["recent_events"])) == ("monitor_snapshot", 1)
    assert monitor.mode() is MonitorMode.LIVE


def test_gap_is_counted_afresh(stage: Stage) -> None:
    """The next flood counts its own frames."""
    monitor = stage.monitor()
    for _ in range(2):
        monitor.connection.deliver([big_item(REALTIME.buffer_bytes)])
        monitor.connection.deliver([big_item(20)])
        monitor.sink.drain()
        stage.answer()
        monitor.sink.drain()
    assert [f["missed"] for f in monitor.sink.decoded() if "missed" in f] == [1, 1]


@pytest.mark.parametrize(
    ("waiting", "mode"),
    [
        pytest.param(REALTIME.buffer_bytes - 1, MonitorMode.LIVE, id="a byte of room"),
        pytest.param(REALTIME.buffer_bytes, MonitorMode.FLOODED, id="full"),
    ],
)
def test_full_buffer_floods(stage: Stage, waiting: int, mode: MonitorMode) -> None:
    """A monitor is written to while there is any room."""
    monitor = stage.monitor()
    monitor.connection.deliver([big_item(waiting)])
    monitor.connection.deliver([big_item(20)])
    assert monitor.mode() is mode


@pytest.mark.parametrize(
    ("left", "reads"), [(HIGH_WATER, 1), (HIGH_WATER + 1, 0)], ids=["enough", "not enough"]
)
def test_flooded_monitor_waits_for_room(stage: Stage, left: int, reads: int) -> None:
    """A snapshot is read when the buffer is at the high-water mark again."""
    monitor = stage.monitor()
    monitor.connection.deliver([big_item(REALTIME.buffer_bytes), big_item(left)])
    flood(monitor)
    monitor.sink.drain(1)
    stage.wait(1)
    assert stage.reads == reads


def test_frames_beyond_what_is_kept_are_counted(stage: Stage) -> None:
    """A limited number of frames is kept while a snapshot is read; beyond it the snapshot is read
    again, so that it is newer than the missed frames."""
    monitor = stage.opening_monitor()
    for _ in range(MAX_PENDING + 2):
        monitor.connection.deliver([big_item(20)])
    stage.answer()
    assert monitor.sink.frames == []
    monitor.connection.deliver([big_item(20)])
    stage.answer()
    gap, snapshot, *kept = monitor.sink.decoded()
    assert gap["missed"] == MAX_PENDING + 2
    assert snapshot["type"] == "monitor_snapshot"
    assert len(kept) == 1


def test_pending_games_are_bounded_in_bytes(stage: Stage) -> None:
    """While a snapshot is being read, no more is kept than a buffer holds."""
    monitor = stage.opening_monitor()
    for _ in range(3):
        monitor.connection.deliver([big_item(REALTIME.buffer_bytes // 2)])
    assert monitor.connection.mode is MonitorMode.FLOODED
    stage.answer()
    stage.answer()
    gap, snapshot = monitor.sink.decoded()
    assert (gap["missed"], snapshot["type"]) == (3, "monitor_snapshot")


def test_failed_view_is_asked_for_again_on_tick(stage: Stage) -> None:
    """Frames that arrived meanwhile are kept."""
    monitor = stage.opening_monitor()
    stage.world.reader.fail(0)
    monitor.connection.deliver([big_item(20)])
    assert stage.reads == 0
    stage.wait(1)
    stage.answer()
    assert len(monitor.sink.frames) == 2


def test_refused_view_ends_the_monitor(stage: Stage) -> None:
    """A refusal is not retried; the code tells whether the caller may never see it."""
    for refusal, code in (
        (Forbidden("no"), CloseCode.FORBIDDEN),
        (NotFound("no"), CloseCode.UNAUTHENTICATED),
    ):
        monitor = stage.opening_monitor()
        stage.world.reader.pending.pop().connection.read_failed(refusal)
        assert monitor.closed_with() == code


def test_only_one_view_is_asked_for(stage: Stage) -> None:
    """Ticks while a snapshot is read cause no other read; a live monitor reads nothing."""
    stage.opening_monitor()
    stage.wait(1)
    assert stage.reads == 1
    stage.answer()
    stage.wait(1)
    assert stage.reads == 0


def test_answer_after_the_close_is_dropped(stage: Stage) -> None:
    """The monitor may be closed while its snapshot is read."""
    monitor = stage.opening_monitor()
    monitor.connection.ended()
    stage.answer()
    assert monitor.types() == []
    stage.wait(1)
    assert stage.reads == 0


def test_monitor_that_ended_while_joining_asks_for_nothing(stage: Stage) -> None:
    """It may be closed before the hub admits it."""
    monitor = stage.opening_monitor()
    stage.world.reader.fail(0)
    monitor.connection.ended()
    assert monitor.connection.advance() is None
    assert stage.reads == 0


def test_presence_is_shown(stage: Stage) -> None:
    """The first device joins, and the last one leaves after the grace, each with its time."""
    monitor = stage.monitor()
    first, second = stage.device(), stage.device()
    stage.leave(first)
    stage.leave(second)
    stage.wait(REALTIME.presence_grace_s - 1)
    assert monitor.types() == ["monitor_snapshot", "presence_join"]
    stage.wait(1)
    join, leave = monitor.sink.decoded()[1:]
    assert join == {
        "type": "presence_join",
        "v": 1,
        "user_id": stage.ada,
        "ts": "2026-03-01T12:00:00.000Z",
    }
    assert leave == {
        "type": "presence_leave",
        "v": 1,
        "user_id": stage.ada,
        "ts": "2026-03-01T12:00:10.000Z",
    }


def test_reload_of_a_page_is_not_shown(stage: Stage) -> None:
    """A user who reconnects within the grace causes neither leave nor join."""
    monitor = stage.monitor()
    stage.leave(stage.device())
    stage.wait(REALTIME.presence_grace_s - 1)
    stage.device()
    stage.wait(REALTIME.presence_grace_s)
    assert monitor.types() == ["monitor_snapshot", "presence_join"]
