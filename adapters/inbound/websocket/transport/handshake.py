"""The opening handshake, between HTTP and ASGI."""

from collections.abc import Iterable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

EXTENSION = "synchub.sink"
"""Under this name the connection itself stands in the scope's extensions."""

UNREADABLE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

RawHeaders = Iterable[tuple[bytes, bytes]]


def scope_of(
    request: Request,
    headers: list[tuple[bytes, bytes]],
    *,
    client: tuple[str, int] | None,
    root_path: str,
    secure: bool,
    state: Mapping[str, Any],
    connection: object,
) -> dict[str, Any]:
    """The ASGI scope of a handshake. Our own address is left out: asking the system for it takes a
    twelfth of a handshake."""
    path, _, query = request.path.partition("?")
    offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol"))
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if secure else "ws",
        "server": None,
        "client": client,
        "root_path": root_path,
        "path": root_path + unquote(path),
        "raw_path": (root_path + path).encode("ascii"),
        "query_string": query.encode("ascii"),
        "headers": headers,
        "subprotocols": [name.strip() for name in offered.split(",") if name.strip()],
        "state": dict(state),
        "extensions": {"websocket.http.response": {}, EXTENSION: connection},
    }


def complete(response: Response, headers: RawHeaders, subprotocol: str | None) -> None:
    """Add what the application wants in the answer that accepts a handshake."""
    del response.headers["Date"]
    for name, value in headers:
        response.headers[name.decode("latin-1")] = value.decode("latin-1")
    if subprotocol:
        response.headers["Sec-WebSocket-Protocol"] = subprotocol


def refusal(status: int, headers: RawHeaders = (), body: bytes = b"") -> Response:
    """An HTTP response instead of the upgrade."""
    answer = Headers()
    for name, value in headers:
        answer[name.decode("latin-1")] = value.decode("latin-1")
    answer.setdefault("Date", formatdate(usegmt=True))
    answer.setdefault("Connection", "close")
    answer.setdefault("Content-Length", str(len(body)))
    return Response(status, HTTPStatus(status).phrase, answer, body)
