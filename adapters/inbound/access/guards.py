"""Who is calling, before anything else of a request is looked at."""

from typing import Any, TypeAlias

from attrs import frozen
from litestar import Request

from adapters.inbound.access.credentials import any_token
from application.identity.token_service import Authenticator, require_admin
from application.ports.tokens import Caller

SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}]
"""OpenAPI's name for what a protected call needs; as `security` of a handler it protects it."""

OPERATOR: list[dict[str, list[str]]] = [{"bearer": ["admin"]}]
"""The same, for admins only."""


@frozen
class RefuseStrangers:
    """Unauthenticated without a valid token, where a handler has `security`; Forbidden where it
    wants another role."""

    _authenticator: Authenticator

    async def __call__(self, request: Request[Any, Any, Any]) -> None:
        security = request.route_handler.resolve_security()
        if security:
            caller = self._authenticator.authenticate(any_token(request))
            if security == OPERATOR:
                require_admin(caller)
            request.scope["user"] = caller


SignedInRequest: TypeAlias = Request[Caller, Any, Any]
"""Where a handler has `security`: `user` is whom RefuseStrangers has let in. A dependency of that
name would have Litestar start a group of tasks for each request."""
