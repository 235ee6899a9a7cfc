"""Who is calling, as a dependency of handlers."""

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from adapters.inbound.credentials import any_token
from application.authentication import Authenticator
from application.ports.tokens import Caller

SIGNED_IN: list[dict[str, list[str]]] = [{"bearer": []}]
"""OpenAPI's name for what a protected call needs."""


async def provide_caller(
    request: Request[Any, Any, Any], authenticator: NamedDependency[Authenticator]
) -> Caller:
    """Unauthenticated without a valid token."""
    return authenticator.authenticate(any_token(request))
