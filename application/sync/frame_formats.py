"""How a session speaks: its first frames, its events, and what it says when it starts afresh."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING

from application.frames.control_frames import ControlFrame, InitialState, SyncConnected, WsAck
from application.ports.codec import Codec
from application.ports.storage.journal import JournalEntry
from application.sync.recovery import Page

if TYPE_CHECKING:
    from application.sync.session import Session


class FrameFormat(ABC):
    """One instance serves all sessions of a node, so that batches are encoded once for it."""

    with_state: bool
    """Whether a fresh start needs the player's state."""

    with_notices: bool
    """Whether its clients know them."""

    @abstractmethod
    def encode(self, entry: JournalEntry) -> bytes | None:
        """The entry as a frame, or None if this dialect leaves it out."""

    @abstractmethod
    def opening(self, session: "Session", page: Page) -> Iterable[ControlFrame]:
        """The first frames of a session that starts at its `position` with this page."""

    @abstractmethod
    def restart(self, session: "Session", page: Page) -> Iterable[ControlFrame]:
        """What tells a client that its view continues from a fresh state."""


class StandardFormat(FrameFormat):
    """`/api/realtime/sync`: the standard envelope of every event."""

    with_state = True
    with_notices = True

    def __init__(self, heartbeat_s: float) -> None:
        self.heartbeat_s = heartbeat_s

    def encode(self, entry: JournalEntry) -> bytes:
        return entry.envelope

    def opening(self, session: "Session", page: Page) -> Iterable[ControlFrame]:
        yield SyncConnected(
            session_id=session.peer.connection_id,
            user_id=session.user_id,
            epoch=page.epoch,
            seq=session.position,
            recovered=not page.restart,
            reason=page.reason,
            heartbeat_s=self.heartbeat_s,
            token_expires_at=session.peer.caller.expires_at,
        )
        if page.restart:
            yield from self.restart(session, page)

    def restart(self, session: "Session", page: Page) -> Iterable[ControlFrame]:
        assert page.state is not None, "asked for with_state"
        yield InitialState(user_id=session.user_id, seq=page.head, data=page.state)


class LegacyFormat(FrameFormat):
    """`/api/games/ws`, deprecated: flat game events from now on, without state or position."""

    with_state = False
    with_notices = False

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def encode(self, entry: JournalEntry) -> bytes | None:
        game = self._codec.legacy(entry)
        return None if game is None else game.frame

    def opening(self, session: "Session", page: Page) -> Iterable[ControlFrame]:
        yield WsAck(user_id=session.user_id)

    def restart(self, session: "Session", page: Page) -> Iterable[ControlFrame]:
        return ()
