"""Which connections of this node does something go to?"""

import logging
from collections.abc import Iterator

from application.ports.clock import Clock
from application.ports.stores.journal import Entry, Head
from application.ports.turn import Turn
from application.realtime.announcements import Announcements
from application.realtime.batch import batches
from application.realtime.closes import CloseCode
from application.realtime.cluster import Cluster
from application.realtime.cluster_messages import NODES, PRESENCE, unpack
from application.realtime.connection import Connection
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
from application.realtime.session import Session
from application.realtime.turns import in_turns
from application.realtime.user_sessions import UserSessions
from application.revocations import Revocations
from domain.broadcaster import Broadcaster, Message

logger = logging.getLogger("synchub.hub")


class Hub:
    """Holds the connections of one node and hands them what the broadcaster brings.

    A connection is registered, and its topic subscribed to, before it reads the journal: what is
    committed meanwhile is delivered to it or found by it, never missed.
    """

    def __init__(
        self,
        broadcaster: Broadcaster,
        clock: Clock,
        turn: Turn,
        cluster: Cluster,
        monitors: Monitors,
        revocations: Revocations,
    ) -> None:
        self.cluster = cluster
        self.monitors = monitors
        self._revocations = revocations
        self._broadcaster = broadcaster
        self._clock = clock
        self._turn = turn
        self._arrived: list[tuple[int, list[Entry]]] = []
        self._sessions: dict[int, UserSessions] = {}
        self.announcements = Announcements(self._sessions, monitors, clock)
        self.repairs = 0
        """How many sessions a head check found to be behind what was announced."""

    async def join(self, session: Session) -> None:
        """Deliver to this session from now on, and let it begin."""
        user_id = session.user_id
        self._sessions.setdefault(user_id, UserSessions()).add(session)
        self.cluster.connected(user_id)
        await self._broadcaster.subscribe(user_topic(user_id))
        self._admit(session)

    async def leave(self, session: Session) -> None:
        """The session's socket is gone."""
        session.ended()
        user_id = session.user_id
        sessions = self._sessions[user_id]
        sessions.remove(session)
        self.cluster.disconnected(user_id)
        if not sessions:
            del self._sessions[user_id]
            await self._broadcaster.unsubscribe(user_topic(user_id))

    async def join_monitor(self, monitor: MonitorSession) -> None:
        self.monitors.add(monitor)
        await self._broadcaster.subscribe(GAMES)
        await self.cluster.watch()
        await self.cluster.counted()
        self._admit(monitor)

    async def leave_monitor(self, monitor: MonitorSession) -> None:
        monitor.ended()
        self.monitors.remove(monitor)
        await self.cluster.unwatch()
        if not self.monitors:
            await self._broadcaster.unsubscribe(GAMES)

    def receive(self, message: Message) -> None:
        """Hand on what the broadcaster brought. Nodes of other versions, or strangers at the
        broker, may send what this one cannot read."""
        try:
            self._hand_on(message)
        except Exception:
            logger.exception("a message could not be used", extra={"topic": message.topic})

    def _hand_on(self, message: Message) -> None:
        if is_user_topic(message.topic):
            user_id, entries = unpack_entries(message.payload)
            if user_id in self._sessions:
                self._arrived.append((user_id, entries))
                if len(self._arrived) == 1:
                    self._turn.at_end(self._hand_out)
        elif message.topic == GAMES:
            self.monitors.receive(unpack_games(message.payload))
        elif message.topic == REVOKED:
            self.end_login(unpack_revoked(message.payload))
        elif message.topic in (NODES, PRESENCE):
            self.cluster.receive(unpack(message.payload))
        elif message.topic == ANNOUNCEMENTS:
            announcement_id, payload = unpack_announcement(message.payload)
            self.announcements.receive(announcement_id, Frame(payload))

    def _hand_out(self) -> None:
        """What has arrived in this turn; each device gets its part of it at once."""
        arrived, self._arrived = self._arrived, []
        for batch in batches(arrived):
            if (sessions := self._sessions.get(batch.user_id)) is not None:
                try:
                    sessions.deliver(batch)
                except Exception:  # the other users' are to be delivered
                    logger.exception("events could not be delivered", extra={"user": batch.user_id})

    def notice_head(self, head: Head) -> None:
        """A look at the journal found that this user's head has moved."""
        self._hand_out()
        for session in list(self._sessions.get(head.user_id, ())):
            self.repairs += session.notice_head(head.seq)

    def end_login(self, login_id: str) -> None:
        """Accept no token of this login any more, and close what was opened with one."""
        self._hand_out()  # what came before it, they still get
        self._revocations.add(login_id)
        for connection in list(self.connections()):
            if connection.peer.caller.login_id == login_id:
                connection.close(CloseCode.UNAUTHENTICATED, "signed out")

    async def tick(self) -> None:
        """Time has passed."""
        now = self._clock.monotonic()
        connections = list(self.connections())
        await in_turns(lambda connection: connection.tick(now), connections, self._clock)
        self.cluster.tick()

    def connections(self) -> Iterator[Connection]:
        for sessions in self._sessions.values():
            yield from sessions
        yield from self.monitors

    def _admit(self, connection: Connection) -> None:
        if self._revocations.hold(connection.peer.caller.login_id):
            connection.close(CloseCode.UNAUTHENTICATED, "signed out")
        else:
            connection.open()
