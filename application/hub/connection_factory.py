"""How a socket becomes a connection of this node, and ceases to be one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from application.connections.client_connection import Environment, Peer
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
    """Opens sessions and monitors on sinks. Leaving the context means that the socket is gone."""

    _hub: Hub
    _environment: Environment
    _clock: Clock
    _ids: Ids

    @asynccontextmanager
    async def session(
        self, caller: Caller, sink: FrameSink, frame_format: FrameFormat, since: Position | None
    ) -> AsyncIterator[Session]:
        """A user's device that has seen everything up to `since`."""
        session = Session(
            self._peer(caller, sink),
            frame_format=frame_format,
            since=since,
            environment=self._environment,
            now=self._clock.monotonic(),
        )
        try:
            await self._hub.join(session)
            yield session
        finally:
            await self._hub.leave(session)

    @asynccontextmanager
    async def monitor(
        self, caller: Caller, sink: FrameSink, wanted: MonitorFilter
    ) -> AsyncIterator[MonitorSession]:
        """An operator's screen."""
        monitor = MonitorSession(
            self._peer(caller, sink),
            wanted=wanted,
            membership=self._hub.membership,
            environment=self._environment,
            now=self._clock.monotonic(),
        )
        try:
            await self._hub.join_monitor(monitor)
            yield monitor
        finally:
            await self._hub.leave_monitor(monitor)

    def _peer(self, caller: Caller, sink: FrameSink) -> Peer:
        time_left = caller.expires_at - self._clock.now()
        return Peer(
            connection_id=str(self._ids.event_id()),
            caller=caller,
            deadline=self._clock.monotonic() + time_left.total_seconds(),
            sink=sink,
        )
