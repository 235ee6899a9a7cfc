"""Where a caller's access token may stand."""

from typing import Any

from litestar.connection import ASGIConnection

AnyConnection = ASGIConnection[Any, Any, Any, Any]


def bearer_token(connection: AnyConnection) -> str | None:
    """The token of the `Authorization` header, if there is one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def any_token(connection: AnyConnection) -> str | None:
    """The header's token or, for clients that cannot set one, that of the query (`?token=`)."""
    return bearer_token(connection) or connection.query_params.get("token")
