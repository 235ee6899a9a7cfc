"""How a socket becomes a connection of this node, and ceases to be one."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from attrs import frozen

from application.connections.client_connection import ClientConnection, Limits, Peer
from application.frames.close_codes import CloseCode
from application.frames.position import Position
from application.hub.hub import Hub
from application.hub.journal_reader import JournalReader
from application.monitoring.monitor_feed import legacy_game_event
from application.monitoring.monitor_session import (
    RECENT_GAMES,
    MonitorFilter,
    MonitorSession,
    MonitorView,
)
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.frame_sink import FrameSink
from application.ports.ids import Ids
from application.ports.storage.stores import Stores
from application.ports.tokens import Caller
from application.sync.frame_formats import FrameFormat
from application.sync.recovery import PageRequest, read_page
from application.sync.session import Session
from domain.errors import DomainError

FILTER_SCAN = 10
"""A snapshot that shows some games only is picked from so many times more of the latest ones."""


@frozen
class ConnectionFactory:
    """Opens sessions and monitors on sinks. Leaving a context means that the socket is gone."""

    _hub: Hub
    _reader: JournalReader
    _codec: Codec
    _clock: Clock
    _ids: Ids
    _limits: Limits

    @asynccontextmanager
    async def session(
        self, caller: Caller, sink: FrameSink, frame_format: FrameFormat, since: Position | None
    ) -> AsyncIterator[Session]:
        """A user's device that speaks `frame_format` and has seen everything up to `since`."""
        session = Session(
            self._peer(caller, sink),
            frame_format=frame_format,
            since=since,
            request_page=self._request_page,
            codec=self._codec,
            limits=self._limits,
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
            request_view=self._request_view,
            codec=self._codec,
            limits=self._limits,
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

    def _request_page(self, session: Session, request: PageRequest) -> None:
        self._reader.submit(
            lambda stores: read_page(stores, request),
            session.page,
            partial(_failed, session, session.page_failed),
        )

    def _request_view(self, monitor: MonitorSession) -> None:
        self._reader.submit(
            lambda stores: self._read_view(stores, monitor.wanted),
            monitor.view,
            partial(_failed, monitor, monitor.view_failed),
        )

    def _read_view(self, stores: Stores, wanted: MonitorFilter) -> MonitorView:
        scanned = RECENT_GAMES * (FILTER_SCAN if wanted.game_types else 1)
        games = stores.journal.recent_games(scanned, wanted.user_ids)
        flat = [legacy_game_event(self._codec, game.entry) for game in games]
        wanted_games = [
            g for g in flat if not wanted.game_types or g.game_type in wanted.game_types
        ]
        return MonitorView(
            recent=wanted_games[-RECENT_GAMES:], snapshot_xmin=stores.journal.snapshot_xmin()
        )


def _failed(connection: ClientConnection, try_again: Callable[[], None], error: Exception) -> None:
    """A refusal (the user does not exist) ends the connection; all else may pass."""
    if isinstance(error, DomainError):
        connection.close(CloseCode.UNAUTHENTICATED, str(error))
    try_again()
