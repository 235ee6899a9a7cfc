"""One user's sessions on this node, served together as far as they are at the same place.

Devices that keep up have all seen the same. What a batch means for one of them it means for all,
and is found out once for a lane of them; the others, which open or are behind, are asked one by
one. A session joins a lane with the first batch that it takes while live, and leaves it when it
falls behind or ends.
"""

from collections.abc import Iterator

from application.cluster.event_range import EventRange
from application.ports.frame_sink import FrameSink
from application.sync.frame_formats import FrameFormat
from application.sync.session import Lane, Mode, Session


class UserChannel:
    """Iterates over all of them."""

    __slots__ = ("_alone", "_live_groups")

    def __init__(self) -> None:
        self._alone: dict[Session, None] = {}
        self._live_groups: dict[tuple[FrameFormat, type[FrameSink]], LiveGroup] = {}

    def __iter__(self) -> Iterator[Session]:
        yield from self._alone
        for live_group in self._live_groups.values():
            yield from live_group.sessions.values()

    def __bool__(self) -> bool:
        return bool(self._alone) or any(
            live_group.sessions for live_group in self._live_groups.values()
        )

    def add(self, session: Session) -> None:
        self._alone[session] = None

    def remove(self, session: Session) -> None:
        """One that has ended, and so is in no lane any more."""
        del self._alone[session]

    def deliver(self, batch: EventRange) -> None:
        """The broker brought news."""
        for live_group in self._live_groups.values():
            live_group.deliver(batch)
        for session in list(self._alone):
            session.deliver(batch)
            if session.mode is Mode.LIVE and (self._live_groups or len(self._alone) > 1):
                self._line_up(session)

    def _line_up(self, session: Session) -> None:
        key = (session.frame_format, type(session.peer.sink))
        live_group = self._live_groups.get(key)
        if live_group is None or not live_group.sessions:
            live_group = self._live_groups[key] = LiveGroup(session, self._alone)
        if live_group.position == session.position:
            del self._alone[session]
            live_group.add(session)


class LiveGroup(Lane):
    """Sessions that are live, at the same position, of one dialect, on sinks of one kind."""

    __slots__ = ("_alone", "_frame_format", "_group", "_most", "sessions")

    def __init__(self, first: Session, alone: dict[Session, None]) -> None:
        """`alone` takes those who leave."""
        self.position = first.position
        self.sessions: dict[FrameSink, Session] = {}
        self._alone = alone
        self._frame_format = first.frame_format
        self._group = first.peer.sink.new_group()
        self._most = first.buffer_bytes

    def add(self, session: Session) -> None:
        self.sessions[session.peer.sink] = session
        self._group.add(session.peer.sink)
        session.live_group = self

    def leave(self, session: Session) -> None:
        del self.sessions[session.peer.sink]
        self._group.remove(session.peer.sink)
        self._alone[session] = None

    def deliver(self, batch: EventRange) -> None:
        """As `Session.deliver` does it, for all at once."""
        if batch.last_seq <= self.position:
            return
        if batch.first_seq <= self.position + 1:
            frame_batch = batch.frame_batch(self._frame_format, self.position)
            full = self._group.write(frame_batch, self._most) if frame_batch.frames else ()
            late = [self.sessions[sink] for sink in full]
        else:
            late = list(self.sessions.values())
        for session in late:  # before the position moves on: they keep theirs
            session.notice_head(batch.last_seq)
        self.position = batch.last_seq
