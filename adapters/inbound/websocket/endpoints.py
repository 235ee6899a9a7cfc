"""The three endpoints: the sync hub, the deprecated user stream, the monitor.

They are plain ASGI applications: what Litestar would keep for each open socket (a task, a request,
its parsed parameters) is more than all that ours needs.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from attrs import frozen
from litestar import asgi
from litestar.datastructures import MultiDict
from litestar.enums import ScopeType
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from adapters.inbound.access.accepted import accepted_events
from adapters.inbound.access.credentials import client_kind
from adapters.inbound.access.guards import OPERATOR, PLAYER, Declaration
from adapters.inbound.access.legacy_policy import LegacyPolicy
from adapters.inbound.access.origins import AnyConnection
from adapters.inbound.websocket.accept import Connect, Endpoint, Opening, SocketServer
from application.frames.accepted_events import AcceptedEvents
from application.frames.position import Position
from application.hub.connection_factory import ConnectionFactory
from application.monitoring.monitor_item import MonitorFilter
from application.ports.frame_sink import FrameSink
from application.ports.tokens import Caller
from application.sync.frame_formats import LegacyFormat, StandardFormats
from application.use_cases.accounts.issue_ticket import TicketEndpoint
from domain.errors import Forbidden, InvalidInput
from domain.events import GameType

CountEnding: TypeAlias = Callable[[AcceptedEvents, str], None]
"""Told of every session what it gets, and the kind of its client."""


@frozen
class SocketEndpoints:
    """What admitted callers are connected to."""

    _server: SocketServer
    _connection_factory: ConnectionFactory
    _standard_formats: StandardFormats
    _legacy_format: LegacyFormat
    _legacy_policy: LegacyPolicy
    _count_ending: CountEnding

    def handlers(self) -> list[ASGIRouteHandler]:
        """The routes, each with its access."""
        legacy = self._legacy_policy.headers("/api/realtime/sync")
        return [
            self._handler("/api/realtime/sync", TicketEndpoint.SYNC, PLAYER, self.sync),
            self._handler("/api/games/ws", TicketEndpoint.LEGACY, PLAYER, self.legacy, legacy),
            self._handler("/api/games/ws/monitor", TicketEndpoint.MONITOR, OPERATOR, self.monitor),
        ]

    def sync(self, request: AnyConnection, caller: Caller, sink: FrameSink) -> Opening:
        """A user's events, standard envelope; `since=<epoch>:<seq>` resumes after that one,
        `accept=` chooses versions."""
        text = request.query_params.get("since")
        since = None if text is None else Position.parse(text)
        frame_format = self._standard_formats.accepting(accepted_events(request))
        opening = self._connection_factory.session(caller, sink, frame_format, since)
        self._count_ending(frame_format.accepted, client_kind(request))
        return opening

    def legacy(self, _: AnyConnection, caller: Caller, sink: FrameSink) -> Opening:
        """A user's game events in the flat legacy format. Deprecated."""
        if not self._legacy_policy.enabled:
            raise Forbidden("use /api/realtime/sync", code="endpoint_switched_off")
        return self._connection_factory.session(caller, sink, self._legacy_format, since=None)

    def monitor(self, request: AnyConnection, caller: Caller, sink: FrameSink) -> Opening:
        """Every user's game events in the legacy format, and who comes and goes. For operators.

        `user_id=` and `game_type=`, both repeatable, show only those.
        """
        wanted = _monitor_filter(request.query_params)
        return self._connection_factory.monitor(caller, sink, wanted)

    def _handler(
        self,
        path: str,
        name: TicketEndpoint,
        declaration: Declaration,
        connect: Connect,
        headers: Mapping[str, str] | None = None,
    ) -> ASGIRouteHandler:
        opt = declaration["opt"]
        endpoint = Endpoint(name=name, access=opt["access"], connect=connect, headers=headers or {})

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.WEBSOCKET:
                raise MethodNotAllowedException(headers={"Allow": ""})
            await self._server.serve(scope, receive, send, endpoint)

        return asgi(path, name=name, opt=opt, copy_scope=False)(serve)


def _monitor_filter(query: MultiDict[str]) -> MonitorFilter:
    user_ids = query.getall("user_id", [])
    game_types = query.getall("game_type", [])
    try:
        return MonitorFilter(
            user_ids=frozenset(map(int, user_ids)),
            game_types=frozenset(GameType(name).value for name in game_types),
        )
    except ValueError as error:
        raise InvalidInput("user_id, game_type", str(error)) from error
