"""The three endpoints: the sync hub, the deprecated user stream, the monitor."""

from contextlib import AbstractAsyncContextManager

from attrs import frozen
from litestar import websocket
from litestar.datastructures import MultiDict
from litestar.di import NamedDependency

from adapters.inbound.websocket.serving import AnyWebSocket, SocketServer
from application.authentication import require_admin
from application.ports.frame_sink import FrameSink
from application.ports.tokens import Caller
from application.realtime.connection import Connection
from application.realtime.connector import Connector
from application.realtime.dialects import FlatDialect, StandardDialect
from application.realtime.monitor import MonitorFilter
from application.realtime.position import Position
from domain.errors import Forbidden, InvalidInput
from domain.events import GameType


@frozen(kw_only=True)
class LegacyPolicy:
    """Whether `/api/games/ws` is still served, since when it is deprecated (an HTTP structured
    date, RFC 9745) and when it ends (an HTTP date, RFC 8594)."""

    enabled: bool = True
    deprecated_since: str = "@1755302400"
    sunset: str = "Wed, 30 Jun 2027 23:59:59 GMT"


@websocket("/api/realtime/sync", name="sync")
async def sync(
    socket: AnyWebSocket,
    socket_server: NamedDependency[SocketServer],
    connector: NamedDependency[Connector],
    standard_dialect: NamedDependency[StandardDialect],
) -> None:
    """A user's events, standard envelope; `since=<epoch>:<seq>` goes on after that one."""
    text = socket.query_params.get("since")
    since = None if text is None else Position.parse(text)
    await socket_server.serve(
        socket,
        "sync",
        lambda caller, sink: connector.session(caller, sink, standard_dialect, since),
    )


@websocket("/api/games/ws", name="legacy")
async def legacy(
    socket: AnyWebSocket,
    socket_server: NamedDependency[SocketServer],
    connector: NamedDependency[Connector],
    flat_dialect: NamedDependency[FlatDialect],
    legacy_policy: NamedDependency[LegacyPolicy],
) -> None:
    """A user's game events in the flat shape. Deprecated."""

    def connect(caller: Caller, sink: FrameSink) -> AbstractAsyncContextManager[Connection]:
        if not legacy_policy.enabled:
            raise Forbidden("use /api/realtime/sync", code="endpoint_switched_off")
        return connector.session(caller, sink, flat_dialect, since=None)

    await socket_server.serve(
        socket,
        "legacy",
        connect,
        headers={
            "Deprecation": legacy_policy.deprecated_since,
            "Sunset": legacy_policy.sunset,
            "Link": '</api/realtime/sync>; rel="successor-version"',
        },
    )


@websocket("/api/games/ws/monitor", name="monitor")
async def monitor(
    socket: AnyWebSocket,
    socket_server: NamedDependency[SocketServer],
    connector: NamedDependency[Connector],
) -> None:
    """Every user's game events in the flat shape, and who comes and goes. For admins.

    `user_id=` and `game_type=`, both repeatable, show only those.
    """

    def connect(caller: Caller, sink: FrameSink) -> AbstractAsyncContextManager[Connection]:
        require_admin(caller)
        return connector.monitor(caller, sink, _monitor_filter(socket.query_params))

    await socket_server.serve(socket, "monitor", connect)


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


SOCKET_HANDLERS = [sync, legacy, monitor]
