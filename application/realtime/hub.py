"""Which connections of this node does something go to?"""

from collections.abc import Iterator

from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.stores.journal import Head
from application.realtime.announcements import Announcements
from application.realtime.batch import Batch
from application.realtime.closes import CloseCode
from application.realtime.connection import Connection
from application.realtime.control import PresenceJoin, PresenceLeave
from application.realtime.frame import Frame
from application.realtime.messages import (
    ANNOUNCEMENTS,
    GAMES,
    REVOKED,
    is_user_topic,
    unpack_announcement,
    unpack_entries,
    unpack_games,
    unpack_revoked,
    user_topic,
)
from application.realtime.monitor import MonitorSession
from application.realtime.monitors import Monitors
from application.realtime.presence import Presence
from application.realtime.session import Session
from application.realtime.turns import in_turns
from application.revocations import Revocations
from domain.broadcaster import Broadcaster, Message


class Hub:
    """Holds the connections of one node and hands them what the broadcaster brings.

    A connection is registered, and its topic subscribed to, before it reads the journal: what is
    committed meanwhile is delivered to it or found by it, never missed.
    """

    def __init__(
        self,
        broadcaster: Broadcaster,
        codec: Codec,
        clock: Clock,
        presence: Presence,
        revocations: Revocations,
    ) -> None:
        self.presence = presence
        self._revocations = revocations
        self._broadcaster = broadcaster
        self._clock = clock
        self._sessions: dict[int, list[Session]] = {}
        self.monitors = Monitors(codec)
        self.announcements = Announcements(self._sessions, self.monitors, clock)
        self.repairs = 0
        """How many sessions a head check found to be behind what was announced."""

    async def join(self, session: Session) -> None:
        """Deliver to this session from now on, and let it begin."""
        user_id = session.user_id
        self._sessions.setdefault(user_id, []).append(session)
        if self.presence.connect(user_id):
            self.monitors.show(user_id, PresenceJoin(user_id=user_id, ts=self._clock.now()))
        await self._broadcaster.subscribe(user_topic(user_id))
        self._admit(session)

    async def leave(self, session: Session) -> None:
        """The session's socket is gone."""
        session.ended()
        user_id = session.user_id
        sessions = self._sessions[user_id]
        sessions.remove(session)
        self.presence.disconnect(user_id, self._clock.monotonic())
        if not sessions:
            del self._sessions[user_id]
            await self._broadcaster.unsubscribe(user_topic(user_id))

    async def join_monitor(self, monitor: MonitorSession) -> None:
        self.monitors.add(monitor)
        await self._broadcaster.subscribe(GAMES)
        self._admit(monitor)

    async def leave_monitor(self, monitor: MonitorSession) -> None:
        monitor.ended()
        self.monitors.remove(monitor)
        if not self.monitors:
            await self._broadcaster.unsubscribe(GAMES)

    def receive(self, message: Message) -> None:
        """Hand on what the broadcaster brought."""
        if is_user_topic(message.topic):
            user_id, entries = unpack_entries(message.payload)
            if sessions := self._sessions.get(user_id):
                batch = Batch(user_id, entries)
                for session in sessions:
                    session.deliver(batch)
        elif message.topic == GAMES:
            self.monitors.receive(unpack_games(message.payload))
        elif message.topic == REVOKED:
            self.end_login(unpack_revoked(message.payload))
        elif message.topic == ANNOUNCEMENTS:
            announcement_id, payload = unpack_announcement(message.payload)
            self.announcements.receive(announcement_id, Frame(payload))

    def notice_head(self, head: Head) -> None:
        """A look at the journal found that this user's head has moved."""
        for session in self._sessions.get(head.user_id, ()):
            self.repairs += session.notice_head(head.seq)

    def end_login(self, login_id: str) -> None:
        """Accept no token of this login any more, and close what was opened with one."""
        self._revocations.add(login_id)
        for connection in self.connections():
            if connection.peer.caller.login_id == login_id:
                connection.close(CloseCode.UNAUTHENTICATED, "signed out")

    async def tick(self) -> None:
        """Time has passed."""
        now = self._clock.monotonic()
        connections = list(self.connections())
        await in_turns(lambda connection: connection.tick(now), connections, self._clock)
        for user_id in self.presence.departed(now):
            self.monitors.show(user_id, PresenceLeave(user_id=user_id, ts=self._clock.now()))

    def connections(self) -> Iterator[Connection]:
        for sessions in self._sessions.values():
            yield from sessions
        yield from self.monitors

    def _admit(self, connection: Connection) -> None:
        if self._revocations.hold(connection.peer.caller.login_id):
            connection.close(CloseCode.UNAUTHENTICATED, "signed out")
        else:
            connection.open()
