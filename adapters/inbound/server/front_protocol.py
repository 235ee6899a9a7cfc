"""The first protocol of every accepted TCP connection.

It counts the connection for its address (from the socket, or from the header of the PROXY
protocol), reads one request head, limited in size and time, and hands the connection over: an
upgrade to WebSocket goes to our own transport, everything else to the HTTP protocol. A WebSocket
handshake is thus parsed once. (A client that upgrades on a connection it has used for HTTP before
arrives there through uvicorn.)
"""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from attrs import frozen
from uvicorn import Config
from uvicorn.server import ServerState

from adapters.inbound.server.address_limits import UNKNOWN, AddressLimits, Origin
from adapters.inbound.server.client_address import AddressSource
from adapters.inbound.server.cors import Cors, fields_of
from adapters.inbound.server.interval_timer import IntervalTimer, Timed
from adapters.inbound.server.proxy_protocol import InvalidHeader, read_header
from adapters.inbound.server.refusals import (
    HEAD_TOO_LARGE,
    HEAD_TOO_LATE,
    Refusal,
    preflight_response,
    response,
    too_many_response,
)
from domain.errors import TooManyRequests

logger = logging.getLogger("synchub.server")

_END_OF_HEAD = b"\r\n\r\n"
_UPGRADE = re.compile(rb"\r\nupgrade:[ \t]*websocket[ \t]*\r\n", re.IGNORECASE)

Refused: TypeAlias = Callable[[str], None]
"""Told the reason when a connection is refused here."""


@frozen(kw_only=True)
class FrontSettings:
    """What all connections share. `http` and `websocket` take the arguments of uvicorn's protocol
    classes, and `origin`. `deadlines` is for a first request head."""

    http: Callable[..., asyncio.Protocol]
    websocket: Callable[..., asyncio.Protocol]
    deadlines: IntervalTimer
    refused: Refused
    addresses: AddressLimits
    cors: Cors
    max_head_bytes: int


class FrontProtocol(asyncio.Protocol, Timed):
    """uvicorn's `http=`; lives until the connection is handed over."""

    __slots__ = (
        "_arguments", "_awaits_proxy_header", "_connections", "_head", "_origin", "_refusal",
        "_settings", "_transport",
    )  # fmt: skip

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
        self._head = bytearray()
        self._origin = UNKNOWN
        self._awaits_proxy_header = False
        self._refusal: TooManyRequests | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._connections.add(self)
        self._settings.deadlines.add(self)
        peer = transport.get_extra_info("peername")
        if not isinstance(peer, tuple):
            return  # a unix socket has no address
        client, policy = (peer[0], peer[1]), self._settings.addresses.policy
        if policy.trusts(client[0]):
            self._origin = Origin(client=client)
            self._awaits_proxy_header = policy.source is AddressSource.PROXY_PROTOCOL
        else:
            self._enter(client)

    def data_received(self, data: bytes) -> None:
        seen = max(0, len(self._head) - len(_END_OF_HEAD))
        self._head += data
        if self._awaits_proxy_header and not self._read_proxy_header():
            return
        if self._refusal is not None:
            self._refuse_too_many(self._refusal)
            return
        end = self._head.find(_END_OF_HEAD, seen)
        if end >= 0 and end <= self._settings.max_head_bytes:
            is_websocket = _UPGRADE.search(self._head, 0, end + len(_END_OF_HEAD)) is not None
            self._hand_over(self._settings.websocket if is_websocket else self._settings.http)
        elif len(self._head) > self._settings.max_head_bytes:
            self._refuse(self._answer(HEAD_TOO_LARGE), "head_too_large")

    def interval_passed(self) -> None:
        self._refuse(self._answer(HEAD_TOO_LATE) if self._head else b"", "head_too_late")

    def eof_received(self) -> None:
        """Close, because the head will not be completed."""

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        self._settings.addresses.leave(self._origin)

    def shutdown(self) -> None:
        """Close at once; the server calls it when it stops."""
        self._transport.close()

    def _enter(self, client: tuple[str, int]) -> None:
        """Count the connection. A refusal is told in answer to a request, since many clients read
        nothing before they have sent one."""
        addresses = self._settings.addresses
        self._origin, self._refusal = addresses.enter(client)
        if addresses.far_over(self._origin):
            self._refuse(b"", "address")

    def _read_proxy_header(self) -> bool:
        """Whether the header is complete, and the connection goes on."""
        try:
            header = read_header(bytes(self._head))
        except InvalidHeader as error:
            logger.warning("a proxy sent no PROXY header", extra={"why": str(error)})
            self._refuse(b"", "proxy_header")
            return False
        if header is None:
            return False
        del self._head[: header.size]
        self._awaits_proxy_header = False
        if header.client is not None:
            self._enter(header.client)
        return not self._transport.is_closing()

    def _hand_over(self, protocol_class: Callable[..., asyncio.Protocol]) -> None:
        self._forget()
        protocol = protocol_class(**self._arguments, origin=self._origin)
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(bytes(self._head))

    def _refuse_too_many(self, refusal: TooManyRequests) -> None:
        """As soon as there is anything to answer, so its origin may not be known yet."""
        fields, cors = fields_of(self._head), self._settings.cors
        method = self._head.partition(b" ")[0].decode("latin-1")
        preflight = cors.preflight(method, fields)
        if preflight is not None:
            answer = preflight_response(preflight)
        else:
            answer = too_many_response(refusal, cors.headers(fields))
        self._refuse(answer, "address")

    def _answer(self, refusal: Refusal) -> bytes:
        return response(refusal, self._settings.cors.headers(fields_of(self._head)))

    def _refuse(self, answer: bytes, reason: str) -> None:
        """Answer and close, or cut off where no answer would arrive."""
        self._forget()
        self._settings.refused(reason)
        logger.debug("a connection was refused", extra={"reason": reason})
        if answer:
            self._transport.write(answer)
            self._transport.close()
        else:
            self._transport.abort()

    def _forget(self) -> None:
        self._settings.deadlines.remove(self)
        self._connections.discard(self)
