"""One user's sessions on this node.

Fan-out: devices that keep up have all seen the same events. What an event range means for one of
them it means for all, so it is decided once per live group. A live group holds sessions that are
live, at the same position, of one format, on sinks of one kind. A session joins it with the first
range that it takes while live, and leaves it when it has to catch up or ends. Sessions outside a
group are asked one by one.
"""

from collections.abc import Iterable, Iterator

from application.cluster.event_range import EventRange
from application.connections.read_request import ReadRequest
from application.ports.frame_sink import FrameSink
from application.sync.frame_formats import FrameFormat
from application.sync.session import Mode, ModeChange, Session, SharedPosition

Wanted = Iterable[tuple[Session, ReadRequest | None]]
"""Sessions, and what has to be read for them."""


class UserChannel:
    """Iterates over all sessions of the user."""

    __slots__ = ("_groups", "_single")

    def __init__(self) -> None:
        self._single: dict[Session, None] = {}
        self._groups: dict[tuple[FrameFormat, type[FrameSink]], LiveGroup] = {}

    def __iter__(self) -> Iterator[Session]:
        yield from self._single
        for group in self._groups.values():
            yield from group.sessions.values()

    def __bool__(self) -> bool:
        return bool(self._single) or any(group.sessions for group in self._groups.values())

    def add(self, session: Session) -> None:
        """Deliver to this session, too."""
        self._single[session] = None

    def remove(self, session: Session) -> None:
        """Deliver to this session no more."""
        group = self._groups.get(_key(session))
        if group is not None and group.sessions.get(session.peer.sink) is session:
            group.remove(session)
        else:
            del self._single[session]

    def deliver(self, event_range: EventRange) -> Wanted:
        """Push a range to all sessions; each result has to be carried out."""
        for group in list(self._groups.values()):
            for session, reason in group.deliver(event_range):
                self._single[session] = None
                yield session, session.head_moved(event_range.last_seq, reason)
        for session in list(self._single):
            yield session, session.deliver(event_range)
            if session.mode is Mode.LIVE and (self._groups or len(self._single) > 1):
                self._join_group(session)

    def head_moved(self, seq: int, reason: ModeChange) -> Wanted:
        """The journal reaches at least to `seq`; sessions that missed something catch up."""
        for group in list(self._groups.values()):
            if group.position.seq < seq:
                for session in group.dissolve():
                    self._single[session] = None
        for session in list(self._single):
            yield session, session.head_moved(seq, reason)

    def _join_group(self, session: Session) -> None:
        key = _key(session)
        group = self._groups.get(key)
        if group is None or not group.sessions:
            group = self._groups[key] = LiveGroup(session)
        if group.position.seq == session.position:
            del self._single[session]
            group.add(session)


def _key(session: Session) -> tuple[FrameFormat, type[FrameSink]]:
    return session.frame_format, type(session.peer.sink)


class LiveGroup:
    """Sessions that are served together; see the module."""

    __slots__ = ("_buffer_bytes", "_frame_format", "_sinks", "position", "sessions")

    def __init__(self, first: Session) -> None:
        self.position = SharedPosition(first.position)
        self.sessions: dict[FrameSink, Session] = {}
        self._frame_format = first.frame_format
        self._sinks = first.peer.sink.new_group()
        self._buffer_bytes = first.buffer_bytes

    def add(self, session: Session) -> None:
        """Serve this session, which is at the group's position, with the others."""
        self.sessions[session.peer.sink] = session
        self._sinks.add(session.peer.sink)
        session.shared = self.position

    def remove(self, session: Session) -> None:
        """Let this session go on with a position of its own."""
        del self.sessions[session.peer.sink]
        self._sinks.remove(session.peer.sink)
        session.leave_group()

    def dissolve(self) -> list[Session]:
        """Remove all sessions, and return them."""
        sessions = list(self.sessions.values())
        for session in sessions:
            self.remove(session)
        return sessions

    def deliver(self, event_range: EventRange) -> list[tuple[Session, ModeChange]]:
        """Do what `Session.deliver` does, for all at once. Those that have to catch up are removed
        and returned with the reason; they keep the position from before."""
        if event_range.last_seq <= self.position.seq:
            return []
        if event_range.first_seq > self.position.seq + 1:
            return [(session, ModeChange.GAP) for session in self.dissolve()]
        batch = event_range.frame_batch(self._frame_format, self.position.seq)
        full = self._sinks.write(batch, self._buffer_bytes) if batch.frames else []
        late = [self.sessions[sink] for sink in full]
        for session in late:
            self.remove(session)
        self.position.seq = event_range.last_seq
        return [(session, ModeChange.FULL_BUFFER) for session in late]
