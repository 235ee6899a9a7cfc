"""The hub: all connections of one node, and which of them a message goes to.

A connection is registered, and its topic subscribed to, before it reads the journal. So whatever is
committed meanwhile is delivered to it or found by it, never missed.

Fan-out: event ranges that arrive within one tick of the event loop are collected, joined per user,
and handed to that user's channel at the end of the tick; sockets are written to right after that.
"""

import logging
from collections.abc import Iterator, Sequence
from functools import partial

from application.cluster.event_range import EventRange, join_ranges, user_topic
from application.cluster.membership import Membership
from application.cluster.membership_messages import MembershipMessage
from application.cluster.messages import (
    GAMES,
    AccountChanged,
    GamesPlayed,
    LoginRevoked,
    NoticeSent,
    UserSocketCount,
)
from application.cluster.session_messages import SessionsAnswer, SessionsQuestion
from application.cluster.user_sockets import UserSockets
from application.connections.client_connection import ClientConnection
from application.connections.cooperative_scheduling import cooperatively
from application.frames.frame import Frame
from application.hub.authority import Authority
from application.hub.authority_hints import AuthorityHints
from application.hub.journal_reader import JournalReader
from application.hub.notices import Notices
from application.hub.session_directory import SessionDirectory
from application.identity.revocations import Revocations
from application.monitoring.monitor_feed import MonitorFeed
from application.monitoring.monitor_session import MonitorSession
from application.ports.clock import Clock
from application.ports.end_of_tick import EndOfTick
from application.ports.storage.journal import Head
from application.ports.telemetry import Counted, Telemetry
from application.sync.session import ModeChange, Session
from application.sync.user_channel import UserChannel
from domain.broadcaster import Broadcaster, Message

logger = logging.getLogger("synchub.hub")


class Hub:
    """See the module. It drives its connections: what they want to be read goes to the reader."""

    def __init__(
        self,
        *,
        authority_hints: AuthorityHints,
        broadcaster: Broadcaster,
        clock: Clock,
        end_of_tick: EndOfTick,
        journal_reader: JournalReader,
        membership: Membership,
        monitor_feed: MonitorFeed,
        revocations: Revocations,
        telemetry: Telemetry,
        user_sockets: UserSockets,
    ) -> None:
        self.membership = membership
        self.monitor_feed = monitor_feed
        self._broadcaster = broadcaster
        self._clock = clock
        self._end_of_tick = end_of_tick
        self._journal_reader = journal_reader
        self._revocations = revocations
        self._authority = Authority(revocations, self.connections)
        self._authority_hints = authority_hints
        self._telemetry = telemetry
        self._user_sockets = user_sockets
        self._arrived: list[EventRange] = []
        self._channels: dict[int, UserChannel] = {}
        self.notices = Notices(self._channels, monitor_feed, clock, telemetry)
        self.directory = SessionDirectory(broadcaster, membership, self.connections_of)

    # Connections

    async def join(self, session: Session) -> None:
        """Deliver to this session from now on, and let it begin."""
        user_id = session.user_id
        self._channels.setdefault(user_id, UserChannel()).add(session)
        self.membership.connected(user_id)
        await self._broadcaster.subscribe(user_topic(user_id))
        self._admit(session)

    async def leave(self, session: Session) -> None:
        """The session's socket is gone."""
        session.ended()
        user_id = session.user_id
        channel = self._channels[user_id]
        channel.remove(session)
        self.membership.disconnected(user_id)
        if not channel:
            del self._channels[user_id]
            await self._broadcaster.unsubscribe(user_topic(user_id))

    async def join_monitor(self, monitor: MonitorSession) -> None:
        """Show this monitor what happens from now on, and let it begin."""
        self.monitor_feed.add(monitor)
        await self._broadcaster.subscribe(GAMES)
        await self.membership.watch()
        await self.membership.synced()
        self._admit(monitor)

    async def leave_monitor(self, monitor: MonitorSession) -> None:
        """The monitor's socket is gone."""
        monitor.ended()
        self.monitor_feed.remove(monitor)
        await self.membership.unwatch()
        if not self.monitor_feed:
            await self._broadcaster.unsubscribe(GAMES)

    def connections(self) -> Iterator[ClientConnection]:
        """All sessions and monitors of this node."""
        for channel in self._channels.values():
            yield from channel
        yield from self.monitor_feed

    def connections_of(self, user_id: int) -> list[ClientConnection]:
        """The sessions and monitors of a user on this node."""
        monitors = [one for one in self.monitor_feed if one.peer.caller.user_id == user_id]
        return [*self._channels.get(user_id, ()), *monitors]

    def _admit(self, connection: ClientConnection) -> None:
        if not self._authority.refuse(connection):
            connection.peer.sink.on_writable = partial(self._advance, connection)
            self._advance(connection)

    def _advance(self, connection: ClientConnection) -> None:
        self._journal_reader.submit(connection, connection.advance())

    # Messages

    def receive(self, message: Message) -> None:
        """Hand on what the broadcaster delivered. Never raises: some broadcasters call it within
        `publish`, after a commit."""
        try:
            self._dispatch(message)
        except Exception:
            logger.exception("a message could not be used", extra={"topic": message.topic})

    def _dispatch(self, message: Message) -> None:
        match message:
            case EventRange():
                self._receive_events(message)
            case GamesPlayed(games):
                self.monitor_feed.receive(games)
            case LoginRevoked() | AccountChanged():
                self._authority_hints.add(message)
            case NoticeSent(notice_id, frame):
                self.notices.receive(notice_id, Frame(frame))
            case SessionsQuestion() | SessionsAnswer():
                self.directory.receive(message)
            case UserSocketCount():
                self._user_sockets.receive(message)
            case _ if isinstance(message, MembershipMessage):
                self.membership.receive(message)
            case _:
                self._telemetry.count(Counted.DROPPED_MESSAGES, "unknown")

    def _receive_events(self, event_range: EventRange) -> None:
        if event_range.user_id in self._channels:
            self._arrived.append(event_range)
            if len(self._arrived) == 1:
                self._end_of_tick.call(self._deliver_arrived)

    def _deliver_arrived(self) -> None:
        """Deliver what has arrived within this tick."""
        arrived, self._arrived = self._arrived, []
        for event_range in join_ranges(arrived):
            channel = self._channels.get(event_range.user_id)
            if channel is not None:
                try:
                    for session, request in channel.deliver(event_range):
                        self._journal_reader.submit(session, request)
                except Exception:  # the events of other users are to be delivered
                    logger.exception("delivery failed", extra={"user": event_range.user_id})

    def head_moved(self, head: Head) -> None:
        """The journal poll found that this user's head has moved."""
        channel = self._channels.get(head.user_id)
        if channel is None:
            return
        self._deliver_arrived()
        missing = sum(session.misses(head.seq) for session in channel)
        if missing:
            self._telemetry.count(Counted.REPAIRS, "session", missing)
        for session, request in channel.head_moved(head.seq, ModeChange.JOURNAL_POLL):
            self._journal_reader.submit(session, request)

    # Authority

    def apply(self, news: LoginRevoked | AccountChanged) -> None:
        """A login ended, or an account may do something else than before: by the database."""
        self._deliver_arrived()  # the connections still get what came before that
        match news:
            case LoginRevoked(login_id):
                self._authority.end_login(login_id)
            case AccountChanged():
                self._authority.change_account(news)

    def learn(self, login_ids: Sequence[str], accounts: Sequence[AccountChanged]) -> None:
        """Apply what is new to this node of what was read from the database. Logins come first:
        their clients must sign in, not refresh."""
        ended = [one for one in login_ids if not self._revocations.hold(one)]
        changed = [one for one in accounts if self._revocations.lack(one.user_id, one.version)]
        if ended or changed:
            found = {"logins": len(ended), "accounts": len(changed)}
            logger.debug("found revocations", extra=found)
        for login_id in ended:
            self.apply(LoginRevoked(login_id))
        for account in changed:
            self.apply(account)

    # Time

    async def tick(self) -> None:
        """Let all connections and the membership notice that time has passed."""
        now = self._clock.monotonic()

        def tick(connection: ClientConnection) -> None:
            self._journal_reader.submit(connection, connection.tick(now))

        await cooperatively(tick, list(self.connections()), self._clock)
        self.membership.tick()
