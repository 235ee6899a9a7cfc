"""The origins whose pages may use the API: one list for CORS and for realtime connections.

Browsers send `Origin` with every WebSocket handshake and every cross-origin request, and pages
cannot change it. Other clients send none, or any that they like: so this protects the users of
browsers from foreign pages, and nothing else.
"""

from typing import Any

from attrs import frozen
from litestar.connection import ASGIConnection

from domain.errors import Forbidden

AnyConnection = ASGIConnection[Any, Any, Any, Any]


@frozen
class Origins:
    """`listed` are the origins besides our own, such as `https://play.example`."""

    listed: frozenset[str]

    def check(self, connection: AnyConnection) -> None:
        """Forbidden (`origin_not_allowed`) for a page of an origin that is neither ours nor
        listed. The origin `null` of sandboxed and local pages is never listed."""
        if any(origin not in self.listed for origin in _foreign_origins(connection)):
            raise Forbidden("pages of this origin may not connect", code="origin_not_allowed")


def foreign_origin(connection: AnyConnection) -> str | None:
    """The origin of a page that is not ours; None for our own pages, which do not send it with
    every request, and for what is no browser."""
    return next(iter(_foreign_origins(connection)), None)


def _foreign_origins(connection: AnyConnection) -> list[str]:
    """All that do not name the host that was connected to. The scheme is not compared, because
    behind a proxy that ends TLS we do not know it."""
    host = connection.headers.get("host", "").lower()
    own = (f"http://{host}", f"https://{host}")
    origins = connection.headers.getall("origin", [])
    return [origin for origin in origins if not host or origin.lower() not in own]
