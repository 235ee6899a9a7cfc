"""How a session speaks: its first frames, its events, and what it says when it starts afresh."""

from abc import abstractmethod
from collections.abc import Iterable
from functools import partial
from weakref import WeakValueDictionary

from application.cluster.event_range import EntryEncoder
from application.connections.client_connection import Peer
from application.frames.accepted_events import BY_DEFAULT, AcceptedEvents
from application.frames.control_frames import ControlFrame, InitialState, SyncConnected, WsAck
from application.ports.codec import Codec
from application.ports.storage.journal import JournalEntry
from application.sync.player_state import StateReader
from application.sync.recovery import Page


class FrameFormat(EntryEncoder):
    """One instance serves all sessions of a node, so that a range is encoded once for all."""

    state_reader: StateReader | None
    """Reads the player's state, if a fresh start needs it."""

    with_notices: bool
    """Whether its clients know notices, and the frames around `auth`."""

    @abstractmethod
    def opening(self, peer: Peer, seq: int, page: Page) -> Iterable[ControlFrame]:
        """The first frames of a session that starts at `seq` with this page."""

    @abstractmethod
    def restart(self, peer: Peer, page: Page) -> Iterable[ControlFrame]:
        """Tell a connected client that it continues from a fresh state."""


class StandardFormat(FrameFormat):
    """`/api/realtime/sync`: the standard envelope of every event."""

    with_notices = True

    def __init__(
        self,
        heartbeat_s: float,
        codec: Codec,
        state_reader: StateReader,
        accepted: AcceptedEvents = BY_DEFAULT,
    ) -> None:
        self.heartbeat_s = heartbeat_s
        self.state_reader = state_reader
        self.accepted = accepted
        self._codec = codec

    def encode(self, entry: JournalEntry) -> bytes | None:
        """The envelope in the version that was asked for; other types are left out."""
        version = self.accepted.versions.get(entry.type)
        if version is not None:
            return self._codec.envelope(entry, version)
        return entry.envelope if self.accepted.others else None

    def opening(self, peer: Peer, seq: int, page: Page) -> Iterable[ControlFrame]:
        """`sync_connected`, then `initial_state` unless the session was recovered."""
        yield SyncConnected(
            session_id=peer.connection_id,
            user_id=peer.caller.user_id,
            epoch=page.epoch,
            seq=seq,
            recovered=not page.restart,
            reason=page.reason,
            heartbeat_s=self.heartbeat_s,
            token_expires_at=peer.caller.expires_at,
            events=self.accepted.versions,
        )
        if page.restart:
            yield from self.restart(peer, page)

    def restart(self, peer: Peer, page: Page) -> Iterable[ControlFrame]:
        """`initial_state`."""
        assert page.state is not None, "the request had a state_reader"
        yield InitialState(user_id=peer.caller.user_id, seq=page.head, data=page.state)


class StandardFormats:
    """The standard format in each choice of versions that a client has asked for.

    Clients of one choice share one format, and so the encoded frames and the live groups. Choices
    that no connection uses any more are forgotten.
    """

    def __init__(self, heartbeat_s: float, codec: Codec, state_reader: StateReader) -> None:
        self._make = partial(StandardFormat, heartbeat_s, codec, state_reader)
        self.default = self._make()
        self._chosen = WeakValueDictionary[AcceptedEvents, StandardFormat]()

    def accepting(self, accept: str | None) -> StandardFormat:
        """The format for what a client accepts (see AcceptedEvents); the default for None.
        InvalidInput."""
        if accept is None:
            return self.default
        accepted = AcceptedEvents.parse(accept)
        found = self._chosen.get(accepted)
        if found is None:
            found = self._chosen[accepted] = self._make(accepted)
        return found


class LegacyFormat(FrameFormat):
    """`/api/games/ws`, deprecated: flat game events from now on, without state or position."""

    state_reader = None
    with_notices = False

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def encode(self, entry: JournalEntry) -> bytes | None:
        """A flat `game_event`; other events are left out."""
        game = self._codec.legacy(entry)
        return None if game is None else game.frame

    def opening(self, peer: Peer, seq: int, page: Page) -> Iterable[ControlFrame]:
        """`ws_ack`."""
        yield WsAck(user_id=peer.caller.user_id)

    def restart(self, peer: Peer, page: Page) -> Iterable[ControlFrame]:
        """Nothing: the format has no state."""
        return ()
