"""A session's modes, one change at a time."""

import pytest
from sqlalchemy import update

from adapters.outbound.sql.tables import heads, journal_identity
from application.cluster.event_range import EventRange
from application.frames.accepted_events import BY_DEFAULT
from application.frames.close_codes import CloseCode
from application.ports.storage.stores import Stores
from application.sync.session import Mode
from tests.support.stage import HIGH_WATER, REALTIME, Stage
from tests.support.view import View

BIG = HIGH_WATER // 2
"""Added to an event: one page holds one of these, and one live buffer three."""


def event_range(stage: Stage, first: int, last: int) -> EventRange:
    """Ada's entries from `first` to `last`, as the broker would deliver them."""

    def read(stores: Stores) -> EventRange:
        entries = stores.journal.page(stage.ada, 0, 2**30)
        return EventRange(stage.ada, entries[first - 1 : last])

    return stage.world.database.now(read)


def test_opens_with_state_and_goes_live(stage: Stage) -> None:
    """A first connection gets a greeting, the state at the head, and then new events."""
    stage.act(3)
    stage.lose_all()
    device = stage.device()
    stage.act()
    stage.deliver_all()
    assert device.types() == ["sync_connected", "initial_state", "user_action"]
    assert [frame["seq"] for frame in device.sink.decoded()] == [3, 3, 4]


def test_greeting_of_a_fresh_start(stage: Stage) -> None:
    """`sync_connected` has session, position, heartbeat and the token's expiry."""
    device = stage.device()
    greeting = device.sink.decoded()[0]
    assert greeting == {
        "type": "sync_connected",
        "v": 1,
        "session_id": device.connection.peer.connection_id,
        "user_id": stage.ada,
        "epoch": "test-epoch",
        "seq": 0,
        "recovered": False,
        "heartbeat_s": REALTIME.heartbeat_s,
        "token_expires_at": "2026-03-01T13:00:00.000Z",
        "events": dict(BY_DEFAULT.versions),
    }


def test_user_without_events_gets_the_state_at_0(stage: Stage) -> None:
    """A new player's journal is empty, and the session is live at 0."""
    device = stage.device()
    state = device.last()
    assert device.mode() is Mode.LIVE
    assert state == {
        "type": "initial_state",
        "v": 1,
        "user_id": stage.ada,
        "seq": 0,
        "data": stage.world.state(stage.ada),
    }


def test_duplicate_range_is_dropped(stage: Stage) -> None:
    """It is not written again, and the position stays."""
    device = stage.device()
    stage.act(2)
    stage.world.broadcaster.deliver(0, keep=True)
    stage.deliver_all()
    assert device.seqs() == [1, 2]
    assert device.connection.position == 2
    assert device.mode() is Mode.LIVE


def test_overlapping_range_sends_only_its_tail(stage: Stage) -> None:
    """Entries at or before the position are left out."""
    device = stage.device()
    stage.act(2)
    stage.deliver_all()
    stage.act(2)
    stage.deliver(device, event_range(stage, 1, 4))
    assert device.seqs() == [1, 2, 3, 4]
    assert device.mode() is Mode.LIVE


def test_older_range_does_not_move_the_position_back(stage: Stage) -> None:
    """A late range that ends before the position changes nothing."""
    device = stage.device()
    stage.act(3)
    stage.deliver_all()
    stage.deliver(device, event_range(stage, 1, 2))
    assert device.connection.position == 3
    assert stage.reads == 0


def test_gap_is_filled_from_the_journal(stage: Stage) -> None:
    """After a range that does not continue the position, the session reads from the journal."""
    device = stage.device()
    stage.act()
    stage.deliver_all()
    stage.act()
    stage.lose_all()
    stage.act()
    stage.deliver_all()
    assert device.mode() is Mode.CATCHING_UP
    assert device.seqs() == [1]
    stage.answer()
    assert device.seqs() == [1, 2, 3]
    assert device.mode() is Mode.LIVE
    assert stage.reads == 0


def test_head_further_on_is_fetched(stage: Stage) -> None:
    """A head beyond the position makes a live session catch up."""
    device = stage.device()
    stage.act()
    stage.lose_all()
    stage.head_moved(device, 1)
    assert device.mode() is Mode.CATCHING_UP
    stage.answer()
    assert device.seqs() == [1]


def test_head_already_reached_changes_nothing(stage: Stage) -> None:
    """A head at the position leaves the session live."""
    device = stage.device()
    stage.act()
    stage.deliver_all()
    stage.head_moved(device, 1)
    assert device.mode() is Mode.LIVE
    assert stage.reads == 0


def test_lower_head_does_not_hide_a_higher_one(stage: Stage) -> None:
    """The highest known head is fetched."""
    device = stage.device()
    stage.act()
    stage.lose_all()
    stage.head_moved(device, 1)
    stage.world.reader.run(0)
    stage.act()
    stage.deliver_all()
    stage.head_moved(device, 1)
    stage.answer()
    assert device.mode() is Mode.CATCHING_UP
    stage.answer()
    assert device.seqs() == [1, 2]


def test_range_that_just_fits_is_pushed(stage: Stage) -> None:
    """A range may fill the buffer exactly to its limit."""
    device = stage.device()
    stage.act()
    small = len(stage.world.journal(stage.ada)[0])
    stage.deliver_all()
    stage.act(pad=REALTIME.buffer_bytes - 2 * small)
    stage.deliver_all()
    assert device.sink.buffered_bytes() == REALTIME.buffer_bytes
    assert device.mode() is Mode.LIVE


def test_range_that_does_not_fit_makes_it_catch_up(stage: Stage) -> None:
    """With one byte more than the room, the session reads at the socket's pace."""
    device = stage.device()
    stage.act()
    small = len(stage.world.journal(stage.ada)[0])
    stage.deliver_all()
    stage.act(pad=REALTIME.buffer_bytes - 2 * small + 1)
    stage.deliver_all()
    assert device.seqs() == [1]
    assert device.mode() is Mode.CATCHING_UP


def test_nothing_is_pushed_while_catching_up(stage: Stage) -> None:
    """A range that continues the position waits for the page being read, which contains it."""
    device = stage.device()
    stage.act()
    stage.lose_all()
    stage.head_moved(device, 1)
    stage.world.reader.run(0)
    stage.deliver(device, event_range(stage, 1, 1))
    assert device.seqs() == []
    assert stage.reads == 1
    stage.answer()
    assert device.seqs() == [1]


def test_nothing_is_pushed_while_opening(stage: Stage) -> None:
    """A session has no position before its first page."""
    device = stage.opening_device()
    stage.act()
    stage.deliver_all()
    assert device.types() == []
    assert stage.reads == 1


def test_page_with_more_to_come_asks_again(stage: Stage) -> None:
    """Pages are read until the head while the socket has room."""
    device = stage.device()
    stage.act(3, pad=HIGH_WATER // 3)
    stage.lose_all()
    stage.head_moved(device, 3)
    stage.answer()
    assert device.seqs() == [1, 2]
    assert device.mode() is Mode.CATCHING_UP
    stage.answer()
    assert device.seqs() == [1, 2, 3]
    assert device.mode() is Mode.LIVE


def test_page_before_the_known_head_asks_again(stage: Stage) -> None:
    """Events committed after the read and published before its answer are fetched."""
    device = stage.device()
    stage.act()
    stage.lose_all()
    stage.head_moved(device, 1)
    stage.world.reader.run(0)
    stage.act()
    stage.deliver_all()
    stage.answer()
    assert device.seqs() == [1]
    stage.answer()
    assert device.seqs() == [1, 2]
    assert device.mode() is Mode.LIVE


def test_fresh_start_before_the_known_head_asks_again(stage: Stage) -> None:
    """Events published while the state was read are fetched before the next tick."""
    device = stage.opening_device(high_water=2**16)  # the state does not fill it
    stage.world.reader.run(0)
    stage.act()
    stage.deliver_all()
    stage.answer()
    assert device.types() == ["sync_connected", "initial_state"]
    stage.answer()
    assert device.seqs() == [1]
    assert device.mode() is Mode.LIVE


def test_page_without_entries_waits_for_the_tick(stage: Stage) -> None:
    """A head that the journal does not show yet is not polled without a pause."""
    device = stage.device()
    stage.head_moved(device, 1)
    stage.answer()
    assert device.mode() is Mode.CATCHING_UP
    assert stage.reads == 0
    stage.act()
    stage.lose_all()
    stage.wait(1)
    stage.answer()
    assert device.seqs() == [1]
    assert device.mode() is Mode.LIVE


def test_failed_read_is_repeated_on_tick(stage: Stage) -> None:
    """It is not repeated at once, because it would probably fail again."""
    device = stage.opening_device()
    stage.world.reader.fail(0)
    assert stage.reads == 0
    stage.wait(1)
    stage.answer()
    assert device.types() == ["sync_connected", "initial_state"]


def test_only_one_read_is_under_way(stage: Stage) -> None:
    """Ticks and ranges while a page is read cause no other read."""
    device = stage.opening_device()
    stage.wait(1)
    stage.head_moved(device, 5)
    assert stage.reads == 1


def test_live_session_reads_nothing(stage: Stage) -> None:
    """A tick of an idle device causes no query."""
    stage.device()
    stage.wait(1)
    assert stage.reads == 0


def test_full_socket_is_read_for_when_it_drains(stage: Stage) -> None:
    """No page is read without room; the drained socket causes the next read."""
    device = stage.device()
    stage.act(5, pad=BIG)
    stage.deliver_all()
    stage.answer()
    stage.answer()
    assert device.seqs() == [1, 2]
    assert device.sink.buffered_bytes() > HIGH_WATER
    assert stage.reads == 0
    device.sink.drain()
    assert stage.reads == 1
    stage.answer()
    assert device.seqs() == [1, 2, 3]


@pytest.mark.parametrize(("buffered", "reads"), [(HIGH_WATER - 1, 1), (HIGH_WATER, 0)])
def test_a_page_needs_a_byte_of_room(stage: Stage, buffered: int, reads: int) -> None:
    """At the high-water mark the session waits."""
    device = stage.device()
    stage.act()
    small = len(stage.world.journal(stage.ada)[0])
    stage.lose_all()
    stage.head_moved(device, 1)
    stage.answer()
    stage.act(pad=buffered - 2 * small)
    stage.deliver_all()
    assert device.sink.buffered_bytes() == buffered
    stage.head_moved(device, 3)
    assert stage.reads == reads


def test_page_leaves_room_for_what_is_buffered(stage: Stage) -> None:
    """The size of a page is limited by the room left."""
    device = stage.device()
    stage.act(pad=BIG)
    stage.deliver_all()
    stage.act(2, pad=BIG // 3)
    stage.lose_all()
    stage.head_moved(device, 3)
    stage.answer()
    assert device.seqs() == [1, 2]


@pytest.mark.parametrize("seen", [0, 2, 3], ids=["nothing", "some", "all"])
def test_resumes_where_it_was(stage: Stage, seen: int) -> None:
    """With a position in the journal, only the missed events are written, without a state."""
    stage.act(3)
    stage.lose_all()
    device = stage.device(since=f"test-epoch:{seen}")
    greeting = device.sink.decoded()[0]
    assert (greeting["recovered"], greeting["seq"]) == (True, seen)
    assert "reason" not in greeting
    assert device.types()[1:] == ["user_action"] * (3 - seen)
    assert device.seqs() == list(range(seen + 1, 4))
    assert device.mode() is Mode.LIVE


def test_resume_may_take_several_pages(stage: Stage) -> None:
    """The session catches up to the head of the first page."""
    stage.act(3, pad=BIG)
    stage.lose_all()
    device = stage.opening_device(since="test-epoch:0")
    stage.answer()
    assert device.seqs() == [1]
    assert device.mode() is Mode.CATCHING_UP
    assert stage.reads == 1


def test_resume_reads_again_from_the_same_position(stage: Stage) -> None:
    """A failed first read keeps the position."""
    stage.act(2)
    stage.lose_all()
    device = stage.opening_device(since="test-epoch:1")
    stage.world.reader.fail(0)
    stage.wait(1)
    stage.answer()
    assert device.sink.decoded()[0]["recovered"] is True
    assert device.seqs() == [2]


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        pytest.param("another:2", "new_epoch", id="another epoch"),
        pytest.param("test-epoch:5", "from_future", id="beyond the head"),
        pytest.param("test-epoch:2", "trimmed", id="trimmed"),
        pytest.param("nonsense", "new_epoch", id="no position at all"),
    ],
)
def test_starts_afresh_where_it_cannot_resume(stage: Stage, since: str, reason: str) -> None:
    """The greeting has the reason, and the state at the head follows."""
    stage.act(4)
    stage.lose_all()
    set_trimmed_through(stage, 3)
    device = stage.device(since=since)
    greeting, state = device.sink.decoded()
    assert (greeting["recovered"], greeting["reason"], greeting["seq"]) == (False, reason, 4)
    assert (state["type"], state["seq"]) == ("initial_state", 4)
    assert device.mode() is Mode.LIVE


def test_trimmed_below_a_session_restarts_it(stage: Stage) -> None:
    """A slow device whose next page was trimmed gets a state without a second greeting."""
    device = stage.device()
    stage.act(4)
    stage.lose_all()
    set_trimmed_through(stage, 3)
    stage.head_moved(device, 4)
    stage.answer()
    assert device.types() == ["sync_connected", "initial_state", "initial_state"]
    assert device.last()["seq"] == 4
    assert device.mode() is Mode.LIVE


def test_restart_in_another_journal_forgets_the_known_head(stage: Stage) -> None:
    """Numbers of another epoch do not count: the session is live at the new journal's head."""
    device = stage.device()
    stage.act()
    stage.lose_all()
    stage.head_moved(device, 9)
    set_epoch(stage, "restored")
    stage.answer()
    assert device.types() == ["sync_connected", "initial_state", "initial_state"]
    assert device.connection.position == 1
    assert device.mode() is Mode.LIVE
    device.sink.drain()
    stage.act(2)
    stage.lose_all()
    stage.head_moved(device, 2)
    stage.answer()
    assert device.seqs() == [2, 3]


def test_restart_in_the_same_journal_keeps_the_known_head(stage: Stage) -> None:
    """After a trim, the known head is still fetched."""
    device = stage.device()
    stage.act(4)
    stage.lose_all()
    set_trimmed_through(stage, 3)
    stage.head_moved(device, 4)
    stage.world.reader.run(0)
    stage.act()
    stage.deliver_all()
    stage.answer()
    assert device.mode() is Mode.CATCHING_UP
    stage.answer()
    assert device.seqs() == [5]


def test_legacy_format_shows_games_only(stage: Stage) -> None:
    """The client gets `ws_ack` and game events; other events move the position."""
    stage.play()
    stage.lose_all()
    device = stage.device(legacy=True)
    stage.play()
    stage.act()
    stage.deliver_all()
    assert device.types() == ["ws_ack", "game_event"]
    assert device.sink.decoded()[0] == {"type": "ws_ack", "user_id": stage.ada}
    assert device.last()["game_type"] == "slot"
    assert device.connection.position == 5
    assert device.mode() is Mode.LIVE


@pytest.mark.parametrize("legacy", [True, False], ids=["legacy", "standard"])
def test_state_is_read_only_for_those_who_show_it(stage: Stage, legacy: bool) -> None:
    """It takes more queries than the rest of a connection."""
    stage.opening_device(legacy=legacy)
    stage.world.reader.run(0)
    assert (stage.world.reader.pending[0].result.state is None) is legacy


def test_legacy_format_shows_no_restart(stage: Stage) -> None:
    """The legacy format has no frame for a restart."""
    device = stage.device(legacy=True)
    stage.play()
    stage.lose_all()
    set_trimmed_through(stage, 2)
    stage.head_moved(device, 2)
    stage.answer()
    assert device.types() == ["ws_ack"]
    assert device.connection.position == 2


def test_devices_of_a_user_see_the_same(stage: Stage) -> None:
    """Every device gets every event, and the same view of the player."""
    first, second = stage.device(), stage.device()
    stage.act(2)
    stage.play()
    stage.deliver_all()
    views = [View(stage.ada), View(stage.ada)]
    for view, device in zip(views, [first, second], strict=True):
        for frame in device.sink.decoded():
            view.see(frame)
    assert [view.seq for view in views] == [4, 4]
    assert views[0].events == views[1].events


def test_unknown_user_is_closed(stage: Stage) -> None:
    """A token may be valid longer than its user exists."""
    device = stage.opening_device(user=10**6)
    stage.answer()
    assert device.closed_with() == CloseCode.UNAUTHENTICATED
    stage.wait(1)
    assert stage.reads == 0


def test_answer_after_the_close_is_dropped(stage: Stage) -> None:
    """The socket may close while a page is read."""
    device = stage.opening_device()
    stage.leave(device)
    stage.answer()
    assert device.types() == []
    assert device.mode() is Mode.OPENING


def test_closed_session_asks_for_nothing(stage: Stage) -> None:
    """Heads, ticks and a drained socket cause no read."""
    device = stage.device()
    stage.act(5, pad=BIG)
    stage.deliver_all()
    stage.answer()
    stage.answer()
    device.connection.close(CloseCode.NORMAL, "")
    device.sink.drain()
    stage.head_moved(device, 9)
    stage.wait(1)
    assert stage.reads == 0
    assert device.seqs() == [1, 2]


def test_session_knows_its_user(stage: Stage) -> None:
    """Another user's events do not reach it."""
    device = stage.device(user=stage.bob)
    stage.act()
    stage.deliver_all()
    assert device.connection.user_id == stage.bob
    assert device.seqs() == []


def set_trimmed_through(stage: Stage, trimmed_through: int) -> None:
    """Set `trimmed_through` as if Ada's journal had been trimmed."""
    trim = update(heads).where(heads.c.user_id == stage.ada).values(trimmed_through=trimmed_through)
    stage.world.database.scalar(trim.returning(heads.c.trimmed_through))


def set_epoch(stage: Stage, epoch: str) -> None:
    """Set the epoch as if the database had been replaced."""
    replace = update(journal_identity).values(epoch=epoch)
    stage.world.database.scalar(replace.returning(journal_identity.c.only_one))
