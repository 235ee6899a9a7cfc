"""Where a token may stand in a request.

- `Authorization: Bearer <token>`, everywhere.
- A subprotocol `bearer.<token>`, offered beside `synchub.v1`: browsers cannot set headers on a
  WebSocket, but they can offer subprotocols.
- `?ticket=`, at realtime endpoints: a ticket that can be used once (`use_cases.accounts`).
- `?token=`, at realtime endpoints, where a setting allows it: addresses end up in the logs and
  histories of proxies and browsers, so it is for clients that know nothing else.
"""

from collections.abc import Sequence
from typing import Any

from adapters.inbound.access.origins import AnyConnection

SUBPROTOCOL = "synchub.v1"
"""Offered by clients that know our close codes; the only one that we select."""

_BEARER = "bearer."


def bearer_token(connection: AnyConnection) -> str | None:
    """The token of the `Authorization` header, if there is one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def subprotocol_token(connection: AnyConnection) -> str | None:
    """The token among the subprotocols that a WebSocket offers, if there is one."""
    scope: Any = connection.scope  # only that of a WebSocket has subprotocols
    offered: Sequence[str] = scope.get("subprotocols") or ()
    tokens = [name[len(_BEARER) :] for name in offered if name.startswith(_BEARER)]
    return tokens[0] if tokens else None


def client_kind(connection: AnyConnection) -> str:
    """`browser` or `other`, for metrics; clients may lie about it."""
    agent = connection.headers.get("user-agent", "")
    is_browser = "origin" in connection.headers or agent.startswith("Mozilla/")
    return "browser" if is_browser else "other"
