"""What each route demands of its caller, and the guard that enforces it.

Every route, HTTP and WebSocket, declares an access. A route that declares none is refused to
everybody, so that a forgotten declaration is noticed at the first call.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from attrs import frozen
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotFoundException
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler
from litestar.openapi.spec import SecurityScheme
from litestar.types import ASGIApp, Guard, Receive, Scope, Send

from adapters.inbound.access.credentials import bearer_token
from adapters.inbound.access.origins import AnyConnection
from adapters.inbound.access.realtime_access import RealtimeAccess
from application.identity.authenticator import Authenticator, require_admin
from application.ports.tokens import Caller
from application.use_cases.accounts.issue_ticket import TicketEndpoint
from domain.errors import Forbidden


class Access(StrEnum):
    """Whom a route is for. MANAGEMENT: whoever reaches the management port; PROBE: everybody on any
    port. All other routes are served on the main port only."""

    PUBLIC = "public"
    PLAYER = "player"
    OPERATOR = "operator"
    MANAGEMENT = "management"
    PROBE = "probe"


_KEY = "access"
_REALTIME = "realtime"
_SCHEME = "bearer"
_TICKET = "ticket"
_IN_ADDRESS = "address"

TICKETS = frozenset(TicketEndpoint)

Declaration: TypeAlias = Mapping[str, Any]
"""Keyword arguments of a Litestar handler or router: the access, and its OpenAPI form."""

SECURITY_SCHEMES: Mapping[str, SecurityScheme] = {
    _SCHEME: SecurityScheme(
        type="http",
        scheme="bearer",
        bearer_format="JWT",
        description="The access token. Calls of operators need one of the role `admin`.",
    ),
    _TICKET: SecurityScheme(
        type="apiKey",
        security_scheme_in="query",
        name="ticket",
        description="A ticket of `issueTicket`, for one connection of a browser.",
    ),
    _IN_ADDRESS: SecurityScheme(
        type="apiKey",
        security_scheme_in="query",
        name="token",
        description="The access token in the address, where a setting allows it: addresses end up "
        "in logs and histories.",
    ),
}
"""The ways to carry a token, for the OpenAPI document."""

PUBLIC: Declaration = {"opt": {_KEY: Access.PUBLIC}, "security": []}
PLAYER: Declaration = {"opt": {_KEY: Access.PLAYER}, "security": [{_SCHEME: []}]}
MANAGEMENT: Declaration = {"opt": {_KEY: Access.MANAGEMENT}, "security": []}
PROBE: Declaration = {"opt": {_KEY: Access.PROBE}, "security": []}
OPERATOR: Declaration = {"opt": {_KEY: Access.OPERATOR}, "security": [{_SCHEME: ["operator"]}]}


def realtime(endpoint: str) -> Declaration:
    """The token may stand in any of the places of `credentials`; `endpoint` is for metrics, and
    what a ticket is bound to. The places are added to the one of the router."""
    ways = [_TICKET, _IN_ADDRESS] if endpoint in TICKETS else [_IN_ADDRESS]
    return {"opt": {_REALTIME: endpoint}, "security": [{way: []} for way in ways]}


SignedInRequest: TypeAlias = Request[Caller, Any, Any]
"""A request to a route that is not public: `user` is the caller. (A dependency of that name would
make Litestar start a task group for each request.)"""


def declared_access(handler: BaseRouteHandler) -> Access | None:
    """The access of a route: the declaration closest to the handler counts."""
    return handler.opt.get(_KEY)


_SIGNED_IN = (Access.PLAYER, Access.OPERATOR)

_MANAGEMENT_PORT = "synchub.management_port"
"""In the scope of requests that came in through it."""


def management_port(app: ASGIApp) -> ASGIApp:
    """The application, as it is served on the port for management."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, _MANAGEMENT_PORT: True}, receive, send)  # type: ignore[arg-type]

    return serve


@frozen
class AccessControl:
    """Admits callers. Without a port of its own for management, the main one serves everything."""

    _authenticator: Authenticator
    _realtime_access: RealtimeAccess
    _has_management_port: bool = False

    async def admit(self, connection: AnyConnection, access: Access) -> Caller:
        """The caller; Unauthenticated without a valid token, Forbidden without the right. In both
        cases the connection's `user` is whoever the token speaks for."""
        token = bearer_token(connection)
        if self._authenticator.has_external_logins:
            await self._authenticator.resolve(token)
        caller = self._authenticator.authenticate(token)
        connection.scope["user"] = caller
        _check_role(caller, access)
        return caller

    async def admit_realtime(
        self, connection: AnyConnection, access: Access, endpoint: str
    ) -> Caller:
        """The caller of a realtime endpoint; refused also for what `RealtimeAccess` refuses."""
        caller = await self._realtime_access.authenticate(connection, endpoint)
        connection.scope["user"] = caller
        _check_role(caller, access)
        return caller

    def serves_management(self, connection: AnyConnection) -> bool:
        """Whether the caller may see what is for MANAGEMENT."""
        return not self._has_management_port or _MANAGEMENT_PORT in connection.scope

    def guard(self) -> Guard:
        """For the whole application. It runs before anything else of a request is looked at."""
        divided = self._has_management_port

        async def enforce(
            connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
        ) -> None:
            access = declared_access(handler)
            if access is None:
                raise Forbidden("nobody may call this", code="no_access_declared")
            if divided and access is not Access.PROBE:
                for_management = access is Access.MANAGEMENT
                if for_management is not (_MANAGEMENT_PORT in connection.scope):
                    raise NotFoundException
            # Endpoints of sockets admit their callers themselves, see `websocket.accept`.
            if access not in _SIGNED_IN or isinstance(handler, ASGIRouteHandler):
                return
            endpoint = declared_realtime(handler)
            if endpoint is None:
                await self.admit(connection, access)
            else:
                await self.admit_realtime(connection, access, endpoint)

        return enforce


def declared_realtime(handler: BaseRouteHandler) -> str | None:
    """The realtime endpoint that a route belongs to, if it does."""
    endpoint: str | None = handler.opt.get(_REALTIME)
    return endpoint


def _check_role(caller: Caller, access: Access) -> None:
    if access is Access.OPERATOR:
        require_admin(caller)
