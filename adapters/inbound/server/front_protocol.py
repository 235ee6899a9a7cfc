"""The first protocol of every accepted TCP connection.

It reads one request head, limited in size and time, and hands the connection over: an upgrade to
WebSocket goes to our own transport, everything else to uvicorn's HTTP protocol. A WebSocket
handshake is thus parsed once. (A client that upgrades on a connection it has used for HTTP before
arrives there through uvicorn, which is given the same class as `ws=`.)
"""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from attrs import frozen
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from adapters.inbound.server.interval_timer import IntervalTimer, Timed

logger = logging.getLogger("synchub.server")

MAX_HEAD_BYTES = 32 * 1024
"""Of a request line and its headers together."""

HEAD_TIMEOUT_S = 10.0
"""How long a first request head may take to arrive."""

_END_OF_HEAD = b"\r\n\r\n"
_UPGRADE = re.compile(rb"\r\nupgrade:[ \t]*websocket[ \t]*\r\n", re.IGNORECASE)


def _empty_response(status: bytes) -> bytes:
    return b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % status


_TOO_LARGE = _empty_response(b"431 Request Header Fields Too Large")
_TOO_LATE = _empty_response(b"408 Request Timeout")

Refused: TypeAlias = Callable[[str], None]
"""Told the reason when a connection is refused here."""


@frozen(kw_only=True)
class FrontSettings:
    """What all connections share. `websocket` takes the arguments of uvicorn's protocol classes."""

    websocket: Callable[..., asyncio.Protocol]
    deadlines: IntervalTimer
    refused: Refused


class FrontProtocol(asyncio.Protocol, Timed):
    """uvicorn's `http=`; lives until the connection is handed over."""

    __slots__ = ("_arguments", "_connections", "_head", "_settings", "_transport")

    _transport: asyncio.Transport

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        settings: FrontSettings,
    ) -> None:
        self._arguments = {
            "config": config,
            "server_state": server_state,
            "app_state": app_state,
            "_loop": _loop,
        }
        self._connections: set[Any] = server_state.connections
        self._settings = settings
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._connections.add(self)
        self._settings.deadlines.add(self)

    def data_received(self, data: bytes) -> None:
        self._head += data
        end = self._head.find(_END_OF_HEAD)
        if end >= 0:
            is_websocket = _UPGRADE.search(self._head, 0, end + len(_END_OF_HEAD)) is not None
            self._hand_over(self._settings.websocket if is_websocket else HttpToolsProtocol)
        elif len(self._head) > MAX_HEAD_BYTES:
            self._refuse(_TOO_LARGE, "head_too_large")

    def interval_passed(self) -> None:
        self._refuse(_TOO_LATE if self._head else b"", "head_too_late")

    def eof_received(self) -> None:
        """Close, because the head will not be completed."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()

    def shutdown(self) -> None:
        """Close at once; the server calls it when it stops."""
        self._transport.close()

    def _hand_over(self, protocol_class: Callable[..., asyncio.Protocol]) -> None:
        self._forget()
        protocol = protocol_class(**self._arguments)
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(self._head)

    def _refuse(self, response: bytes, reason: str) -> None:
        self._forget()
        self._settings.refused(reason)
        logger.debug("a connection was refused", extra={"reason": reason})
        if response:
            self._transport.write(response)
        self._transport.close()

    def _forget(self) -> None:
        self._settings.deadlines.remove(self)
        self._connections.discard(self)
