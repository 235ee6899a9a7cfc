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
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler
from litestar.types import Guard

from adapters.inbound.access.credentials import bearer_token
from adapters.inbound.access.origins import AnyConnection
from adapters.inbound.access.realtime_access import RealtimeAccess
from application.identity.authenticator import Authenticator, require_admin
from application.ports.tokens import Caller
from domain.errors import Forbidden


class Access(StrEnum):
    """Whom a route is for."""

    PUBLIC = "public"
    PLAYER = "player"
    OPERATOR = "operator"


_KEY = "access"
_REALTIME = "realtime"
_SCHEME = "bearer"

Declaration: TypeAlias = Mapping[str, Any]
"""Keyword arguments of a Litestar handler or router: the access, and its OpenAPI form."""

PUBLIC: Declaration = {"opt": {_KEY: Access.PUBLIC}, "security": []}
PLAYER: Declaration = {"opt": {_KEY: Access.PLAYER}, "security": [{_SCHEME: []}]}
OPERATOR: Declaration = {"opt": {_KEY: Access.OPERATOR}, "security": [{_SCHEME: ["operator"]}]}


def realtime(endpoint: str) -> Declaration:
    """The token may stand in any of the places of `credentials`; `endpoint` is for metrics, and
    what a ticket is bound to."""
    return {"opt": {_REALTIME: endpoint}}


SignedInRequest: TypeAlias = Request[Caller, Any, Any]
"""A request to a route that is not public: `user` is the caller. (A dependency of that name would
make Litestar start a task group for each request.)"""


def declared_access(handler: BaseRouteHandler) -> Access | None:
    """The access of a route: the declaration closest to the handler counts."""
    return handler.opt.get(_KEY)


@frozen
class AccessControl:
    """Admits callers."""

    _authenticator: Authenticator
    _realtime_access: RealtimeAccess

    def admit(self, connection: AnyConnection, access: Access) -> Caller:
        """The caller; Unauthenticated without a valid token, Forbidden without the right."""
        caller = self._authenticator.authenticate(bearer_token(connection))
        _check_role(caller, access)
        return caller

    async def admit_realtime(
        self, connection: AnyConnection, access: Access, endpoint: str
    ) -> Caller:
        """The caller of a realtime endpoint; refused also for what `RealtimeAccess` refuses."""
        caller = await self._realtime_access.authenticate(connection, endpoint)
        _check_role(caller, access)
        return caller

    def guard(self) -> Guard:
        """For the whole application. It runs before anything else of a request is looked at."""

        async def enforce(
            connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
        ) -> None:
            access = declared_access(handler)
            if access is None:
                raise Forbidden("nobody may call this", code="no_access_declared")
            # Endpoints of sockets admit their callers themselves, see `websocket.accept`.
            if access is Access.PUBLIC or isinstance(handler, ASGIRouteHandler):
                return
            endpoint: str | None = handler.opt.get(_REALTIME)
            connection.scope["user"] = (
                self.admit(connection, access)
                if endpoint is None
                else await self.admit_realtime(connection, access, endpoint)
            )

        return enforce


def _check_role(caller: Caller, access: Access) -> None:
    if access is Access.OPERATOR:
        require_admin(caller)
