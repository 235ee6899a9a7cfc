"""An HTTP connection: uvicorn's protocol, and limits on what a client may make it do.

uvicorn itself waits for ever for the rest of a head or of a body, and queues any number of
pipelined requests. Here each part of a request has its time and its size, for every request of a
connection; whoever does not read his answers is cut off.
"""

import asyncio
import logging
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, cast

from attrs import frozen
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from adapters.inbound.server.address_limits import UNKNOWN, AddressLimits, Origin
from adapters.inbound.server.cors import Cors
from adapters.inbound.server.front_protocol import Refused
from adapters.inbound.server.interval_timer import IntervalTimer, Timed
from adapters.inbound.server.refusals import (
    BODY_TOO_LARGE,
    BODY_TOO_LATE,
    HEAD_TOO_LARGE,
    HEAD_TOO_LATE,
    MALFORMED,
    Refusal,
    response,
)

logger = logging.getLogger("synchub.server")

SLICE_BYTES = 4 * 1024
"""Parsed at once, so that a flood of small requests is noticed before it costs much."""

FRAMING = 8
"""How many bytes a chunked body may take for each of its own."""

DISCARDED = 64
"""How many times the largest body is read and thrown away after an answer, so that the client gets
to read it."""


class Part(Enum):
    """What the client is sending, or waits for."""

    NOTHING = "nothing"
    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"


@frozen(kw_only=True)
class HttpSettings:
    """What all HTTP connections share. `checks` tells them to look at the time; a time is counted
    from the first look at a part of a request, so it is exact to an interval of `checks`."""

    websocket: Callable[..., asyncio.Protocol]
    addresses: AddressLimits
    cors: Cors
    checks: IntervalTimer
    refused: Refused
    head_s: float
    max_head_bytes: int
    body_s: float
    max_body_bytes: int
    idle_s: float
    unread_s: float
    """How long an answer may wait for a client that reads nothing of it."""

    max_pipelined: int
    """Requests that may wait for the answers before them."""


class HttpConnection(HttpToolsProtocol, Timed):
    """What a client is sending is derived from what uvicorn knows of it, and looked at once in a
    while: a request that arrives whole costs next to nothing here."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        settings: HttpSettings,
        origin: Origin = UNKNOWN,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        websocket = partial(settings.websocket, origin=origin)
        self.ws_protocol_class = cast("type[asyncio.Protocol]", websocket)
        self._settings = settings
        self._origin = origin
        self._completed: object = None
        """The latest cycle (request and answer) whose request has arrived whole."""
        self._counted: object = None
        self._received = 0
        """Bytes of the request whose scope is `_counted`, to a slice."""
        self._seen: object = None
        self._seen_part = Part.NOTHING
        self._since = self.loop.time()
        """When this part of the request with the scope `_seen` was first looked at."""
        self._unread = 0
        self._unread_since = 0.0
        self._upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The address is already known, and may be another than the socket's."""
        super().connection_made(transport)
        self.client = self._origin.client
        self._settings.checks.add(self)

    def data_received(self, data: bytes) -> None:
        """Parse in slices; nothing is parsed after a refusal."""
        if len(data) <= SLICE_BYTES and not self._upgraded:
            self._parse(data)
            return
        for start in range(0, len(data), SLICE_BYTES):
            if self.transport.is_closing():
                return
            piece = data[start : start + SLICE_BYTES]
            if self._upgraded:
                cast("asyncio.Protocol", self.transport.get_protocol()).data_received(piece)
            else:
                self._parse(piece)

    def handle_websocket_upgrade(self) -> None:
        """The WebSocket goes on counting for the address."""
        self._settings.checks.remove(self)
        self._upgraded = True
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop to count for the address."""
        super().connection_lost(exc)
        self._settings.checks.remove(self)
        self._settings.addresses.leave(self._origin)

    def on_message_complete(self) -> None:
        """The end of a request."""
        super().on_message_complete()
        self._completed = self.cycle

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP gets a problem document, too."""
        self._cut(MALFORMED, "malformed")

    # Sizes

    def _parse(self, piece: bytes) -> None:
        super().data_received(piece)
        cycle = self.cycle
        if self.pipeline and len(self.pipeline) > self._settings.max_pipelined:
            self._cut(None, "pipelined")
        elif cycle is None or cycle is not self._completed or cycle.scope is not self.scope:
            self._check_size(len(piece))

    def _check_size(self, size: int) -> None:
        """More of a request that is not complete has come."""
        if self._counted is not self.scope:
            self._counted, self._received = self.scope, 0
        self._received += size
        settings, part = self._settings, self._part()
        if part is Part.HEAD and self._received > settings.max_head_bytes:
            self._cut(HEAD_TOO_LARGE, "head_too_large")
        elif part is Part.BODY:
            most = FRAMING if self._answering() else DISCARDED
            if self._received > settings.max_head_bytes + most * settings.max_body_bytes:
                self._cut(BODY_TOO_LARGE, "body_too_large")

    # Times

    def interval_passed(self) -> None:
        """Look at what the client is sending, and since when."""
        now, settings, part = self.loop.time(), self._settings, self._part()
        self._check_reading(now)
        if self.transport.is_closing():
            return
        if part is not self._seen_part or self.scope is not self._seen:
            self._seen_part, self._seen, self._since = part, self.scope, now
        age = now - self._since
        if part is Part.HEAD and age >= settings.head_s and not self._answering():
            self._cut(HEAD_TOO_LATE, "head_too_late")
        elif part is Part.BODY and age >= settings.body_s:
            self._cut(BODY_TOO_LATE, "body_too_late")
        elif part is Part.NOTHING and age >= settings.idle_s:
            self._cut(None, "idle")

    def _part(self) -> Part:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # uvicorn begins with none
        if cycle is None:
            return Part.NOTHING if cast("object", self.scope) is None else Part.HEAD
        if cycle.scope is not self.scope:
            return Part.HEAD
        if cycle is not self._completed:
            return Part.BODY
        return Part.NOTHING if cycle.response_complete else Part.ANSWER

    def _check_reading(self, now: float) -> None:
        """Cut off who takes nothing of what waits for him, also after the end."""
        unread = self.transport.get_write_buffer_size()
        if not unread or unread != self._unread:
            self._unread, self._unread_since = unread, now
        elif now - self._unread_since >= self._settings.unread_s:
            self._settings.refused("answer_not_read")
            logger.debug("a client does not read its answers")
            self.transport.abort()

    # The end

    def _cut(self, refusal: Refusal | None, reason: str) -> None:
        """Close the connection, with an answer if the client expects one now and has got none."""
        self._settings.refused(reason)
        logger.debug("a connection was cut off", extra={"reason": reason})
        cycle = self.cycle
        if refusal is not None and self._may_answer():
            cors = self._settings.cors.headers(self.headers or ())
            self.transport.write(response(refusal, cors))
        if cycle is not None:  # the application must not wait for the rest
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()

    def _may_answer(self) -> bool:
        if self._part() is Part.BODY:
            return not (self.cycle.response_started or self.pipeline)
        return not self._answering()

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete
