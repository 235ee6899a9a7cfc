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
from litestar.types import ASGIApp, Guard, Receive, Scope, Send

from application.identity.authenticator import Authenticator, require_admin
from application.ports.tokens import Caller
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
_SCHEME = "bearer"

AnyConnection = ASGIConnection[Any, Any, Any, Any]

Declaration: TypeAlias = Mapping[str, Any]
"""Keyword arguments of a Litestar handler or router: the access, and its OpenAPI form."""

PUBLIC: Declaration = {"opt": {_KEY: Access.PUBLIC}, "security": []}
PLAYER: Declaration = {"opt": {_KEY: Access.PLAYER}, "security": [{_SCHEME: []}]}
MANAGEMENT: Declaration = {"opt": {_KEY: Access.MANAGEMENT}, "security": []}
PROBE: Declaration = {"opt": {_KEY: Access.PROBE}, "security": []}
OPERATOR: Declaration = {"opt": {_KEY: Access.OPERATOR}, "security": [{_SCHEME: ["operator"]}]}

SignedInRequest: TypeAlias = Request[Caller, Any, Any]
"""A request to a route that is not public: `user` is the caller. (A dependency of that name would
make Litestar start a task group for each request.)"""


def declared_access(handler: BaseRouteHandler) -> Access | None:
    """The access of a route: the declaration closest to the handler counts."""
    return handler.opt.get(_KEY)


def bearer_token(connection: AnyConnection) -> str | None:
    """The token of the `Authorization` header, if there is one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def any_token(connection: AnyConnection) -> str | None:
    """The header's token; that of the query (`?token=`) is for clients that cannot set headers."""
    return bearer_token(connection) or connection.query_params.get("token")


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
    _has_management_port: bool = False

    async def resolve(self, connection: AnyConnection) -> None:
        """Run before `admit`, which does not wait; see `Authenticator.resolve`."""
        if self._authenticator.has_external_logins:
            await self._authenticator.resolve(any_token(connection))

    def admit(self, connection: AnyConnection, access: Access) -> Caller:
        """The caller; Unauthenticated without a valid token, Forbidden without the right. In both
        cases the connection's `user` is whoever the token speaks for."""
        caller = self._authenticator.authenticate(any_token(connection))
        connection.scope["user"] = caller
        if access is Access.OPERATOR:
            require_admin(caller)
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
            if access in _SIGNED_IN and not isinstance(handler, ASGIRouteHandler):
                await self.resolve(connection)
                self.admit(connection, access)

        return enforce
