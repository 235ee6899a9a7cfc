"""One user's sessions on this node, served together as far as they are at the same place.

Devices that keep up have all seen the same. What a batch means for one of them it means for all,
and is found out once for a lane of them; the others, which open or are behind, are asked one by
one. A session joins a lane with the first batch that it takes while live, and leaves it when it
falls behind or ends.
"""

from collections.abc import Iterator

from application.ports.frame_sink import FrameSink
from application.realtime.batch import Batch
from application.realtime.dialects import Dialect
from application.realtime.session import Lane, Mode, Session


class UserSessions:
    """Iterates over all of them."""

    __slots__ = ("_alone", "_lanes")

    def __init__(self) -> None:
        self._alone: dict[Session, None] = {}
        self._lanes: dict[tuple[Dialect, type[FrameSink]], SharedLane] = {}

    def __iter__(self) -> Iterator[Session]:
        yield from self._alone
        for lane in self._lanes.values():
            yield from lane.sessions.values()

    def __bool__(self) -> bool:
        return bool(self._alone) or any(lane.sessions for lane in self._lanes.values())

    def add(self, session: Session) -> None:
        self._alone[session] = None

    def remove(self, session: Session) -> None:
        """One that has ended, and so is in no lane any more."""
        del self._alone[session]

    def deliver(self, batch: Batch) -> None:
        """The broker brought news."""
        for lane in self._lanes.values():
            lane.deliver(batch)
        for session in list(self._alone):
            session.deliver(batch)
            if session.mode is Mode.LIVE and (self._lanes or len(self._alone) > 1):
                self._line_up(session)

    def _line_up(self, session: Session) -> None:
        key = (session.dialect, type(session.peer.sink))
        lane = self._lanes.get(key)
        if lane is None or not lane.sessions:
            lane = self._lanes[key] = SharedLane(session, self._alone)
        if lane.position == session.position:
            del self._alone[session]
            lane.add(session)


class SharedLane(Lane):
    """Sessions that are live, at the same position, of one dialect, on sinks of one kind."""

    __slots__ = ("_alone", "_dialect", "_group", "_most", "sessions")

    def __init__(self, first: Session, alone: dict[Session, None]) -> None:
        """`alone` takes those who leave."""
        self.position = first.position
        self.sessions: dict[FrameSink, Session] = {}
        self._alone = alone
        self._dialect = first.dialect
        self._group = first.peer.sink.new_group()
        self._most = first.buffer_bytes

    def add(self, session: Session) -> None:
        self.sessions[session.peer.sink] = session
        self._group.add(session.peer.sink)
        session.lane = self

    def leave(self, session: Session) -> None:
        del self.sessions[session.peer.sink]
        self._group.remove(session.peer.sink)
        self._alone[session] = None

    def deliver(self, batch: Batch) -> None:
        """As `Session.deliver` does it, for all at once."""
        if batch.last_seq <= self.position:
            return
        if batch.first_seq <= self.position + 1:
            burst = batch.burst(self._dialect, self.position)
            full = self._group.write(burst, self._most) if burst.frames else ()
            late = [self.sessions[sink] for sink in full]
        else:
            late = list(self.sessions.values())
        for session in late:  # before the position moves on: they keep theirs
            session.notice_head(batch.last_seq)
        self.position = batch.last_seq
