"""The session's state machine with values alone: no hub, no reader, no database."""

from datetime import UTC, datetime, timedelta
from enum import Enum

import pytest

from adapters.wire.json_codec import JsonCodec
from application.cluster.event_range import EventRange
from application.connections.client_connection import Environment, Limits, Peer
from application.frames.control_frames import NotRecovered
from application.frames.position import Position
from application.frames.state_data import StateData
from application.ports.storage.journal import JournalEntry
from application.ports.telemetry import Counted
from application.ports.tokens import Caller
from application.sync.recovery import Page, PageRequest
from application.sync.session import Mode, ModeChange, Session
from domain.account import Role
from domain.player import Player
from tests.support.formats import standard_format
from tests.support.recording_sink import RecordingSink
from tests.support.recording_telemetry import RecordingTelemetry

USER = 7
FORMAT = standard_format()
STATE = StateData(
    profile=Player(user_id=USER, nickname="Nick").profile(),
    achievements={},
    events={},
    streaks={},
    stats={},
    recent_rewards=[],
    purchases=[],
    last_plays=[],
    open_rounds=[],
)


def entries(first: int, last: int, size: int = 10) -> list[JournalEntry]:
    return [
        JournalEntry(seq, "user_action", b'{"seq":%d}' % seq + b" " * size)
        for seq in range(first, last + 1)
    ]


class Scene:
    """One session on a sink of a test."""

    def __init__(self, since: str | None = None, buffer_bytes: int = 1000) -> None:
        self.sink = RecordingSink(high_water=buffer_bytes // 2)
        self.telemetry = RecordingTelemetry()
        caller = Caller(
            user_id=USER,
            login_id="login",
            role=Role.PLAYER,
            expires_at=datetime.now(UTC) + timedelta(hours=1),
        )
        self.session = Session(
            Peer(connection_id="c", caller=caller, deadline=1e9, sink=self.sink),
            frame_format=FORMAT,
            since=None if since is None else Position.parse(since),
            environment=Environment(
                authenticate=lambda _: caller,
                codec=JsonCodec(),
                telemetry=self.telemetry,
                limits=Limits(buffer_bytes=buffer_bytes),
            ),
            now=0.0,
        )

    def reasons(self) -> list[str]:
        """Why the mode changed, each reason once, in the order of the first time."""
        return [reason for what, reason in self.telemetry.counts if what is Counted.MODE_CHANGES]

    def mode(self) -> Enum:
        """The session's mode now (a call, so that mypy does not narrow it)."""
        return self.session.mode

    def seqs(self) -> list[int]:
        return [frame["seq"] for frame in self.sink.decoded() if "type" not in frame]


@pytest.fixture
def live() -> Scene:
    """A session at position 3 that is live."""
    scene = Scene()
    scene.session.advance()
    scene.session.answer(Page(epoch="e", head=3, restart=True, state=STATE))
    scene.sink.drain()
    return scene


def test_it_begins_by_asking_for_the_state() -> None:
    """The request is a value, and nothing is written before its answer."""
    scene = Scene()
    request = scene.session.advance()
    assert request == PageRequest(
        user_id=USER, after=None, max_bytes=500, state_reader=FORMAT.state_reader
    )
    assert scene.session.advance() is None, "one request at a time"
    assert scene.sink.frames == []


def test_a_fresh_start_leads_to_live(live: Scene) -> None:
    """Each mode change has its reason."""
    assert live.mode() is Mode.LIVE
    assert live.session.position == 3
    assert live.reasons() == [ModeChange.FRESH_START, ModeChange.HEAD_REACHED]


def test_resuming_asks_for_what_follows() -> None:
    """The session continues at its position."""
    scene = Scene(since="e:3")
    request = scene.session.advance()
    assert request is not None
    assert request.after == Position("e", 3)
    assert scene.session.answer(Page(epoch="e", head=5, entries=entries(4, 5))) is None
    assert scene.seqs() == [4, 5]
    assert scene.reasons() == [ModeChange.RESUMED, ModeChange.HEAD_REACHED]


def test_a_position_that_is_gone_starts_afresh() -> None:
    """The page's reason is the reason of the mode change."""
    scene = Scene(since="e:1")
    scene.session.advance()
    page = Page(epoch="e", head=9, restart=True, reason=NotRecovered.TRIMMED, state=STATE)
    scene.session.answer(page)
    assert scene.reasons() == ["trimmed", ModeChange.HEAD_REACHED]


def test_what_continues_is_written(live: Scene) -> None:
    """A range that continues the position is written without a request."""
    assert live.session.deliver(EventRange(USER, entries(4, 5))) is None
    assert live.seqs() == [4, 5]
    assert live.session.position == 5


def test_duplicates_are_dropped(live: Scene) -> None:
    assert live.session.deliver(EventRange(USER, entries(2, 3))) is None
    assert live.seqs() == []


def test_a_gap_asks_for_the_journal(live: Scene) -> None:
    """The request begins at the position, and its answer has the missing events."""
    request = live.session.deliver(EventRange(USER, entries(5, 5)))
    assert request is not None
    assert request.after == Position("e", 3)
    assert live.mode() is Mode.CATCHING_UP
    assert live.reasons()[-1] == ModeChange.GAP
    assert live.session.answer(Page(epoch="e", head=5, entries=entries(4, 5))) is None
    assert live.mode() is Mode.LIVE
    assert live.seqs() == [4, 5]


def test_a_full_buffer_waits_for_room(live: Scene) -> None:
    """Back-pressure: nothing is requested before the socket has room again."""
    live.session.deliver(EventRange(USER, entries(4, 4, size=800)))
    assert live.session.deliver(EventRange(USER, entries(5, 5, size=800))) is None
    assert live.reasons()[-1] == ModeChange.FULL_BUFFER
    assert live.session.advance() is None
    live.sink.drain()
    request = live.session.advance()
    assert request is not None
    assert request.after == Position("e", 4)


def test_a_journal_poll_finds_what_was_lost(live: Scene) -> None:
    """A head at the position causes no request, a head beyond it does."""
    assert not live.session.misses(3)
    assert live.session.head_moved(3, ModeChange.JOURNAL_POLL) is None
    assert live.session.misses(4)
    assert live.session.head_moved(4, ModeChange.JOURNAL_POLL) is not None
    assert live.reasons()[-1] == ModeChange.JOURNAL_POLL


def test_a_failed_read_is_asked_for_again() -> None:
    """The request is repeated at the next tick."""
    scene = Scene()
    first = scene.session.advance()
    scene.session.read_failed(OSError("away"))
    assert scene.session.tick(1.0) == first


def test_a_closed_session_wants_nothing(live: Scene) -> None:
    """Ranges, answers and ticks cause no request."""
    live.session.ended()
    assert live.session.deliver(EventRange(USER, entries(9, 9))) is None
    assert live.session.answer(Page(epoch="e", head=9)) is None
    assert live.session.tick(1.0) is None
