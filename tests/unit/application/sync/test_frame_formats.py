"""The frames of each frame format."""

import json

from application.frames.accepted_events import BY_DEFAULT
from application.frames.control_frames import InitialState, NotRecovered, SyncConnected, WsAck
from application.sync.frame_formats import LegacyFormat
from application.sync.recovery import Page
from tests.support.stage import REALTIME, Stage


def test_standard_opening_that_goes_on(stage: Stage) -> None:
    """There is only a greeting, at the session's position."""
    session = stage.device().connection
    stage.act(3)
    stage.deliver_all()
    page = Page(epoch="e", head=9)
    greeting = SyncConnected(
        session_id=session.peer.connection_id,
        user_id=stage.ada,
        epoch="e",
        seq=3,
        recovered=True,
        heartbeat_s=REALTIME.heartbeat_s,
        token_expires_at=session.peer.caller.expires_at,
        events=BY_DEFAULT.versions,
    )
    frame_format = stage.world.container.standard_formats().default
    assert list(frame_format.opening(session.peer, session.position, page)) == [greeting]


def test_standard_opening_that_starts_afresh(stage: Stage) -> None:
    """There is a greeting with the reason, and the state at the head."""
    session = stage.device().connection
    reader = stage.world.container.state_reader()
    state = stage.world.database.now(lambda stores: reader.read(stores, stage.ada))
    page = Page(epoch="e", head=9, restart=True, reason=NotRecovered.TRIMMED, state=state)
    frame_format = stage.world.container.standard_formats().default
    greeting, initial = frame_format.opening(session.peer, session.position, page)
    assert isinstance(greeting, SyncConnected)
    assert (greeting.recovered, greeting.reason) == (False, NotRecovered.TRIMMED)
    assert initial == InitialState(user_id=stage.ada, seq=9, data=state)


def test_standard_restart_is_a_state(stage: Stage) -> None:
    """There is no second greeting."""
    session = stage.device().connection
    reader = stage.world.container.state_reader()
    state = stage.world.database.now(lambda stores: reader.read(stores, stage.ada))
    page = Page(epoch="e", head=9, restart=True, state=state)
    frames = list(stage.world.container.standard_formats().default.restart(session.peer, page))
    assert frames == [InitialState(user_id=stage.ada, seq=9, data=state)]


def test_standard_events_are_the_envelopes(stage: Stage) -> None:
    """Frames are the journaled bytes."""
    stage.act()
    (entry,) = stage.world.database.now(lambda stores: stores.journal.page(stage.ada, 0, 2**20))
    assert stage.world.container.standard_formats().default.encode(entry) is entry.envelope


def test_legacy_format_has_games_only(stage: Stage) -> None:
    """Other events have no frame."""
    stage.play()
    entries = stage.world.database.now(lambda stores: stores.journal.page(stage.ada, 0, 2**20))
    action, game = map(LegacyFormat(stage.world.container.codec()).encode, entries)
    assert action is None
    assert game is not None
    assert json.loads(game)["type"] == "game_event"


def test_legacy_opening_is_an_acknowledgement(stage: Stage) -> None:
    """It is `ws_ack` for any page, and a restart has no frame."""
    session = stage.device(legacy=True).connection
    frame_format = LegacyFormat(stage.world.container.codec())
    page = Page(epoch="e", head=9, restart=True)
    assert list(frame_format.opening(session.peer, session.position, page)) == [
        WsAck(user_id=stage.ada)
    ]
    assert list(frame_format.restart(session.peer, page)) == []


def test_only_the_standard_format_needs_the_state(stage: Stage) -> None:
    """The state is not read for the legacy format."""
    container = stage.world.container
    assert container.standard_formats().default.state_reader is container.state_reader()
    assert container.legacy_format().state_reader is None
