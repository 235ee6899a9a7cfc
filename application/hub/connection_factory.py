"""How a socket becomes a connection of this node, and ceases to be one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager

from attrs import frozen

from application.cluster.user_sockets import UserSockets
from application.connections.budget import UsedBudgets
from application.connections.client_connection import ClientConnection, Environment, Peer
from application.frames.position import Position
from application.hub.hub import Hub
from application.monitoring.monitor_item import MonitorFilter
from application.monitoring.monitor_session import MonitorSession
from application.ports.clock import Clock
from application.ports.frame_sink import FrameSink
from application.ports.ids import Ids
from application.ports.tokens import Caller
from application.sync.frame_formats import FrameFormat
from application.sync.session import Session


@frozen
class ConnectionFactory:
    """Opens sessions and monitors on sinks. Leaving the context means that the socket is gone.

    Both refuse with TooManyRequests when called, before anything is opened.
    """

    _hub: Hub
    _environment: Environment
    _clock: Clock
    _ids: Ids
    _user_sockets: UserSockets
    _used_budgets: UsedBudgets

    def session(
        self, caller: Caller, sink: FrameSink, frame_format: FrameFormat, since: Position | None
    ) -> AbstractAsyncContextManager[Session]:
        """A user's device that has seen everything up to `since`."""
        self._user_sockets.require_room(caller.user_id)
        return self._open_session(caller, sink, frame_format, since)

    def monitor(
        self, caller: Caller, sink: FrameSink, wanted: MonitorFilter
    ) -> AbstractAsyncContextManager[MonitorSession]:
        """An operator's screen."""
        self._user_sockets.require_room(caller.user_id)
        return self._open_monitor(caller, sink, wanted)

    @asynccontextmanager
    async def _open_session(
        self, caller: Caller, sink: FrameSink, frame_format: FrameFormat, since: Position | None
    ) -> AsyncIterator[Session]:
        session = Session(
            self._peer(caller, sink),
            frame_format=frame_format,
            since=since,
            environment=self._environment,
            now=self._clock.monotonic(),
        )
        with self._counted(session):
            try:
                await self._hub.join(session)
                yield session
            finally:
                await self._hub.leave(session)

    @asynccontextmanager
    async def _open_monitor(
        self, caller: Caller, sink: FrameSink, wanted: MonitorFilter
    ) -> AsyncIterator[MonitorSession]:
        monitor = MonitorSession(
            self._peer(caller, sink),
            wanted=wanted,
            membership=self._hub.membership,
            environment=self._environment,
            now=self._clock.monotonic(),
        )
        with self._counted(monitor):
            try:
                await self._hub.join_monitor(monitor)
                yield monitor
            finally:
                await self._hub.leave_monitor(monitor)

    @contextmanager
    def _counted(self, connection: ClientConnection) -> Iterator[None]:
        """Count the socket for its user, and let its budget outlive it."""
        user_id, used = connection.peer.caller.user_id, self._used_budgets
        connection.peer.sink.identify(user_id)
        self._user_sockets.opened(user_id)
        used.inherit(user_id, "messages", connection.budget, self._clock.monotonic())
        try:
            yield
        finally:
            used.keep(user_id, "messages", connection.budget, self._clock.monotonic())
            self._user_sockets.closed(user_id)

    def _peer(self, caller: Caller, sink: FrameSink) -> Peer:
        time_left = caller.expires_at - self._clock.now()
        return Peer(
            connection_id=str(self._ids.event_id()),
            caller=caller,
            deadline=self._clock.monotonic() + time_left.total_seconds(),
            sink=sink,
        )
