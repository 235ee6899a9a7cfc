"""Which connections of this node does something go to?"""

import logging
from collections.abc import Iterator

from application.cluster.event_range import join_ranges
from application.cluster.membership import Membership
from application.cluster.membership_messages import NODES, PRESENCE, unpack
from application.cluster.messages import (
    GAMES,
    NOTICES,
    REVOKED,
    is_user_topic,
    unpack_entries,
    unpack_games,
    unpack_notice,
    unpack_revoked,
    user_topic,
)
from application.connections.client_connection import ClientConnection
from application.connections.cooperative_scheduling import cooperatively
from application.frames.close_codes import CloseCode
from application.frames.frame import Frame
from application.hub.notices import Notices
from application.identity.revocations import Revocations
from application.monitoring.monitor_feed import MonitorFeed
from application.monitoring.monitor_session import MonitorSession
from application.ports.clock import Clock
from application.ports.end_of_tick import EndOfTick
from application.ports.storage.journal import Head, JournalEntry
from application.sync.session import Session
from application.sync.user_channel import UserChannel
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
        end_of_tick: EndOfTick,
        membership: Membership,
        monitor_feed: MonitorFeed,
        revocations: Revocations,
    ) -> None:
        self.membership = membership
        self.monitor_feed = monitor_feed
        self._revocations = revocations
        self._broadcaster = broadcaster
        self._clock = clock
        self._end_of_tick = end_of_tick
        self._arrived: list[tuple[int, list[JournalEntry]]] = []
        self._sessions: dict[int, UserChannel] = {}
        self.notices = Notices(self._sessions, monitor_feed, clock)
        self.repairs = 0
        """How many sessions a head check found to be behind what was announced."""

    async def join(self, session: Session) -> None:
        """Deliver to this session from now on, and let it begin."""
        user_id = session.user_id
        self._sessions.setdefault(user_id, UserChannel()).add(session)
        self.membership.connected(user_id)
        await self._broadcaster.subscribe(user_topic(user_id))
        self._admit(session)

    async def leave(self, session: Session) -> None:
        """The session's socket is gone."""
        session.ended()
        user_id = session.user_id
        sessions = self._sessions[user_id]
        sessions.remove(session)
        self.membership.disconnected(user_id)
        if not sessions:
            del self._sessions[user_id]
            await self._broadcaster.unsubscribe(user_topic(user_id))

    async def join_monitor(self, monitor: MonitorSession) -> None:
        self.monitor_feed.add(monitor)
        await self._broadcaster.subscribe(GAMES)
        await self.membership.watch()
        await self.membership.counted()
        self._admit(monitor)

    async def leave_monitor(self, monitor: MonitorSession) -> None:
        monitor.ended()
        self.monitor_feed.remove(monitor)
        await self.membership.unwatch()
        if not self.monitor_feed:
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
                    self._end_of_tick.at_end(self._hand_out)
        elif message.topic == GAMES:
            self.monitor_feed.receive(unpack_games(message.payload))
        elif message.topic == REVOKED:
            self.end_login(unpack_revoked(message.payload))
        elif message.topic in (NODES, PRESENCE):
            self.membership.receive(unpack(message.payload))
        elif message.topic == NOTICES:
            notice_id, payload = unpack_notice(message.payload)
            self.notices.receive(notice_id, Frame(payload))

    def _hand_out(self) -> None:
        """What has arrived in this turn; each device gets its part of it at once."""
        arrived, self._arrived = self._arrived, []
        for batch in join_ranges(arrived):
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
        await cooperatively(lambda connection: connection.tick(now), connections, self._clock)
        self.membership.tick()

    def connections(self) -> Iterator[ClientConnection]:
        for sessions in self._sessions.values():
            yield from sessions
        yield from self.monitor_feed

    def _admit(self, connection: ClientConnection) -> None:
        if self._revocations.hold(connection.peer.caller.login_id):
            connection.close(CloseCode.UNAUTHENTICATED, "signed out")
        else:
            connection.open()
