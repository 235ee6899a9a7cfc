"""A WebSocket connection: an asyncio protocol, and the sink of its frames.

It wraps the sans-I/O `ServerProtocol` of the websockets library, which parses frames and keeps the
rules of RFC 6455. uvicorn runs it like any protocol class (`ws=`). The parts:

- `handshake`: the request becomes an ASGI scope, the application's answer a response. The
  connection stands in the scope's extensions; an endpoint that knows it calls `listen`, and from
  then on messages and the end are told by calls, so that an idle connection costs neither task nor
  timer.
- `incoming_frames`: a budget for frames of every kind and for bytes, and fragments.
- `outgoing_frames`, `write_coalescer`, `connection_group`: what is written in one tick of the event
  loop leaves in one system call.
- Admission: a connection that nobody listens to within a time is cut off.
- Heartbeat: a ping per interval, for all connections from one timer.
- Back-pressure: the transport tells when the peer does not take what waits for it; and a peer that
  does not take our replies is not read from.
- Close: the closing handshake, after everything written before, within CLOSE_TIMEOUT_S.
"""

import asyncio
import logging
import random
from typing import Any, cast

from attrs import frozen
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState, PayloadTooBig
from websockets.frames import Close, CloseCode, Opcode
from websockets.frames import Frame as IncomingFrame
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from adapters.inbound.server.address_limits import UNKNOWN, AddressLimits, Origin
from adapters.inbound.server.interval_timer import IntervalTimer, Timed
from adapters.inbound.server.refusals import PROBLEM, limit_headers, too_many_body
from adapters.inbound.server.tcp_options import unacknowledged_bytes
from adapters.inbound.websocket.socket_sink import OnEnd, OnMessage
from adapters.inbound.websocket.transport import handshake
from adapters.inbound.websocket.transport.asgi_events import Event, EventQueue
from adapters.inbound.websocket.transport.connection_group import ConnectionGroup, GroupedSink
from adapters.inbound.websocket.transport.incoming_frames import (
    SLICE_BYTES,
    FrameBudget,
    FrameLimits,
    MessageAssembler,
)
from adapters.inbound.websocket.transport.outgoing_frames import text_frame
from adapters.inbound.websocket.transport.write_coalescer import Flushable, WriteCoalescer
from application.connections.budget import UsedBudgets
from application.frames.close_codes import CloseCode as OurCloseCode
from application.frames.frame import Frame
from application.ports.telemetry import Counted, Telemetry
from domain.errors import TooManyRequests

logger = logging.getLogger("synchub.websocket")
_protocol_logger = logging.getLogger("synchub.websocket.protocol")
_protocol_logger.setLevel(logging.CRITICAL)  # it logs what clients do wrong, and each close

CLOSE_TIMEOUT_S = 10.0
"""How long a peer may take to read what was written before the close, and to answer it."""

MAX_UNREAD_REPLIES = 4 * 1024
"""Bytes of pongs and the like that may wait for a peer that reads nothing."""


@frozen(kw_only=True)
class WebSocketSettings:
    """What all connections of a node share."""

    heartbeats: IntervalTimer
    admissions: IntervalTimer
    """Its interval is the time until a connection must be listened to."""

    addresses: AddressLimits
    used_budgets: UsedBudgets
    coalescer: WriteCoalescer
    telemetry: Telemetry
    high_water: int
    """Bytes that may wait in a socket before the high-water mark is reached."""

    frame_limits: FrameLimits


class WebSocketConnection(GroupedSink, Timed, Flushable, asyncio.Protocol):
    """See the module. Its life: handshake, accepted (the application may `listen`), closing,
    lost."""

    __slots__ = (
        "_acknowledged_at_ping", "_app_state", "_assembler", "_budget", "_close_timer", "_closing",
        "_config", "_connections", "_early_bad_text", "_events", "_loop", "_on_end", "_on_message",
        "_origin", "_paused", "_pending", "_pending_bytes", "_ping_payload", "_protocol",
        "_response", "_settings", "_tasks", "_unread_replies", "_user_id", "_written",
    )  # fmt: skip

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        settings: WebSocketSettings,
        origin: Origin = UNKNOWN,
    ) -> None:
        self._config = config
        self._app_state = app_state
        self._connections: set[Any] = server_state.connections
        self._tasks = server_state.tasks
        self._loop = _loop or asyncio.get_running_loop()
        self._settings = settings
        self._origin = origin
        self._user_id: int | None = None
        self._protocol = ServerProtocol(
            max_size=settings.frame_limits.message_bytes, logger=_protocol_logger
        )
        self._budget = FrameBudget(settings.frame_limits, self._loop.time())
        self._assembler = MessageAssembler()
        self._events: EventQueue | None = EventQueue()
        self._response: Response | None = None
        self._on_message: OnMessage | None = None
        self._on_end: OnEnd | None = None
        self._early_bad_text = False
        self._closing = False
        self._close_timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._unread_replies = 0
        self._ping_payload: bytes | None = None
        self._acknowledged_at_ping = 0
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._written = 0
        self.on_writable = None
        self.group: ConnectionGroup | None = None
        self.counted_from = 0

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._connections.add(self)
        self._settings.admissions.add(self)
        high = self._settings.high_water
        self.transport.set_write_buffer_limits(high=high - 1, low=high // 2)

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), SLICE_BYTES):
            if self.transport.is_closing():
                return  # nothing is parsed after a refusal, a violation or the peer's close
            piece = data[start : start + SLICE_BYTES]
            self._protocol.receive_data(piece)
            self._handle_events(len(piece))

    def eof_received(self) -> None:
        """Let the transport close: half-closed connections are of no use here."""

    def pause_writing(self) -> None:
        """The peer does not read fast enough. It is still heard, see `_send_protocol_data`."""
        self._paused = True
        self._refresh_group()

    def resume_writing(self) -> None:
        self._paused = False
        self._unread_replies = 0
        self._refresh_group()
        self._resume_reading()
        if self.on_writable:
            self.on_writable()

    def _resume_reading(self) -> None:
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if self._close_timer is not None:
            self._close_timer.cancel()
        self._closing = True
        self._end(CloseCode.ABNORMAL_CLOSURE)
        if self._user_id is not None:
            self._budget.keep(self._settings.used_budgets, self._user_id, self._loop.time())
        self._settings.addresses.leave(self._origin)

    def shutdown(self) -> None:
        """Close at once; the server calls it when it stops, after the drain."""
        if not self._closing and self._protocol.state is State.OPEN:
            self.flush()
            self._protocol.send_close(CloseCode.SERVICE_RESTART)
        self._shut(CloseCode.SERVICE_RESTART)

    # Incoming frames

    def _handle_events(self, size: int) -> None:
        """React to what one slice of data has brought."""
        protocol = self._protocol
        events = protocol.events_received()
        if exceeded := self._budget.spend(len(events), size, self._loop.time()):
            self._exceeded(exceeded)
            return
        for event in events:
            if self.transport.is_closing():
                return  # an event before this one has ended the connection
            if isinstance(event, Request):
                self._handshake(event)
            elif isinstance(event, IncomingFrame):
                self._handle_frame(event)
        if protocol.handshake_exc is not None and self._response is None:
            self._refuse_unreadable()
        elif protocol.state is State.CONNECTING:
            pass  # the answer to the handshake comes first, see `_end_early`
        elif protocol.parser_exc is not None and protocol.close_rcvd is not None:
            self._closed_within_a_message()
        elif protocol.parser_exc is not None and protocol.close_sent is not None:
            self._violated(protocol.close_sent.code)
        else:
            self._send_protocol_data()  # pongs, or the answer to a close

    def _handle_frame(self, frame: IncomingFrame) -> None:
        match frame.opcode:
            case Opcode.PONG:
                if self._ping_payload is not None and bytes(frame.data) == self._ping_payload:
                    self._ping_payload = None
            case Opcode.PING:
                pass  # the protocol has answered it
            case Opcode.CLOSE:
                if self._protocol.state is not State.CONNECTING:
                    self._closed_by_peer()
            case _:
                self._handle_data(frame)

    def _handle_data(self, frame: IncomingFrame) -> None:
        if self._early_bad_text:
            return
        try:
            message = self._assembler.add(frame)
        except UnicodeDecodeError:
            if self._protocol.state is State.CONNECTING:
                self._early_bad_text = True
                return
            self._fail(CloseCode.INVALID_DATA, "text is not UTF-8", "invalid_utf8")
            return
        if message is None or self._closing:
            return
        if self._on_message is not None:
            self._on_message(message)
        elif self._events is not None:
            kind = "text" if isinstance(message, str) else "bytes"
            self._events.put({"type": "websocket.receive", kind: message})

    def _exceeded(self, budget: str) -> None:
        """More than a budget covers. A user's next connections inherit that; a stranger's address
        may connect less often."""
        if self._user_id is None:
            self._settings.addresses.offence(self._origin)
        self._fail(OurCloseCode.BUDGET_EXCEEDED, "too much was sent", budget)

    def _closed_by_peer(self) -> None:
        received = self._protocol.close_rcvd
        self._shut(received.code if received is not None else CloseCode.NO_STATUS_RCVD)

    def _closed_within_a_message(self) -> None:
        """A close frame may come between the fragments of a message (RFC 6455, section 5.4), but
        the library takes it for a violation: its answer is replaced by the right one."""
        received = self._protocol.close_rcvd
        assert received is not None, "see the caller"
        replies = [data for data in self._protocol.data_to_send() if data]
        if self._protocol.close_sent is not None and not self._closing:
            replies[-1] = _answer_to(received)
            self.flush()
            self.transport.write(b"".join(replies))
        self._closed_by_peer()

    def _violated(self, code: int) -> None:
        """The protocol has failed the connection, as RFC 6455 wants it."""
        self._settings.telemetry.count(Counted.CLOSES, "protocol_violation")
        self._shut(code)

    def _fail(self, code: int, reason: str, counted: str) -> None:
        """Fail the connection for a reason of ours; nothing is parsed any more."""
        if self._closing:
            self.transport.abort()
            return
        self._settings.telemetry.count(Counted.CLOSES, counted)
        self.flush()
        self._protocol.fail(code, reason)
        self._shut(code)

    # The handshake

    def _handshake(self, request: Request) -> None:
        self._response = self._protocol.accept(request)
        if self._response.status_code != 101:
            self._refuse(self._response, "bad_handshake")
            return
        headers = [
            (name.lower().encode("ascii"), value.encode("latin-1"))
            for name, value in request.headers.raw_items()
        ]
        self._origin, refusal = self._settings.addresses.named(self._origin, headers)
        if refusal is not None:
            self._refuse_too_many(refusal)
            return
        scope = handshake.scope_of(
            request,
            headers,
            client=self._origin.client,
            root_path=self._config.root_path,
            secure=self.transport.get_extra_info("sslcontext") is not None,
            state=self._app_state,
            connection=self,
        )
        assert self._events is not None, "nothing listens before the handshake"
        self._events.put({"type": "websocket.connect"})
        task = self._loop.create_task(self._run_app(scope))
        self._tasks.add(task)  # the server waits for these when it stops
        task.add_done_callback(self._tasks.discard)

    def _refuse_too_many(self, error: TooManyRequests) -> None:
        headers = {**limit_headers(error), "Content-Type": PROBLEM}
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._refuse(handshake.refusal(429, encoded, too_many_body(error)), "address")

    async def _run_app(self, scope: Any) -> None:
        try:
            app: Any = self._config.loaded_app
            await app(scope, self._receive, self._send)
        except Exception:
            logger.exception("the application failed", extra={"path": scope["path"]})
            if self._protocol.state is State.CONNECTING:
                self._refuse(handshake.refusal(500), "application_failed")
        if self._on_end is None and not self._closing:
            self.transport.close()

    async def _receive(self) -> Event:
        assert self._events is not None, "nobody calls it after `listen`"
        return await self._events.get()

    async def _send(self, message: Event) -> None:
        """What the application sends through ASGI, instead of using the sink."""
        match message["type"]:
            case "websocket.accept":
                self._accept(message)
            case "websocket.close" if self._protocol.state is State.CONNECTING:
                self._refuse(handshake.refusal(403), "refused")
            case "websocket.close":
                self.close(message.get("code", 1000), message.get("reason") or "")
            case "websocket.http.response.start":
                self._response = handshake.refusal(message["status"], message.get("headers", ()))
            case "websocket.http.response.body":
                self._refuse_with_body(message)
            case "websocket.send":
                self._send_message(message)

    def _accept(self, message: Event) -> None:
        if self._response is None or self.transport.is_closing():
            return
        headers = message.get("headers", ())
        handshake.complete(self._response, headers, message.get("subprotocol"))
        early_pongs = self._protocol.data_to_send()
        self._protocol.send_response(self._response)
        self._send_protocol_data()
        self.transport.write(b"".join(early_pongs))

    def _refuse_with_body(self, message: Event) -> None:
        assert self._response is not None, "the start comes first"
        body = self._response.body or b""
        self._response.body = body + message.get("body", b"")
        if not message.get("more_body", False):
            del self._response.headers["Content-Length"]  # assigning would add a second one
            self._response.headers["Content-Length"] = str(len(self._response.body))
            self._refuse(self._response, "refused")

    def _send_message(self, message: Event) -> None:
        try:
            if (text := message.get("text")) is not None:
                self._protocol.send_text(text.encode())
            else:
                self._protocol.send_binary(message["bytes"])
        except InvalidState:
            return
        self._send_protocol_data()

    def _refuse(self, response: Response, reason: str) -> None:
        """Answer the handshake with something else than 101, and close."""
        if self._closing:
            return
        self._settings.telemetry.count(Counted.REFUSED_HANDSHAKES, reason)
        # Not through the protocol, which may have failed over what came behind the handshake.
        self.transport.write(response.serialize())
        self._shut(CloseCode.ABNORMAL_CLOSURE)

    def _refuse_unreadable(self) -> None:
        """A handshake that cannot be parsed, such as one with a line over 8 KiB."""
        self._settings.telemetry.count(Counted.REFUSED_HANDSHAKES, "unreadable")
        self.transport.write(handshake.UNREADABLE)
        self._shut(CloseCode.ABNORMAL_CLOSURE)

    # Listening

    async def listen(self, on_message: OnMessage, on_end: OnEnd) -> None:
        self._on_message, self._on_end = on_message, on_end
        self._origin = self._settings.addresses.lasting(self._origin)
        self._settings.admissions.remove(self)
        self._settings.heartbeats.add(self)
        events = self._events.take_all() if self._events is not None else []
        self._events = self._response = None
        self._refresh_group()
        for event in events:
            if event["type"] == "websocket.disconnect":
                self._end(event["code"])
            elif (text := event.get("text")) is not None:
                on_message(text)
            elif (data := event.get("bytes")) is not None:
                on_message(data)
        if not self._closing:
            self._end_early()

    def _end_early(self) -> None:
        """End the connection if what came behind the handshake, in the same packet, demands it."""
        protocol = self._protocol
        if (received := protocol.close_rcvd) is not None:
            self.flush()
            self.transport.write(_answer_to(received))
            self._shut(received.code)
        elif self._early_bad_text:
            self._fail(CloseCode.INVALID_DATA, "text is not UTF-8", "invalid_utf8")
        elif protocol.parser_exc is not None:
            self._fail(_code_of(protocol.parser_exc), "", "protocol_violation")

    def _end(self, code: int) -> None:
        """Tell once that the connection is over."""
        self._settings.admissions.remove(self)
        self._settings.heartbeats.remove(self)
        self._on_message = None
        self._refresh_group()
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            task = self._loop.create_task(_await(on_end))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif self._events is not None:
            self._events.put({"type": "websocket.disconnect", "code": int(code)})

    # Heartbeat

    def interval_passed(self) -> None:
        """Send a ping, unless the last one is still unanswered. A peer that reads slowly has not
        seen it yet, behind all that waits for it here and in the system: while it acknowledges some
        of that, it is alive. Any other is cut off at once, since it would never take the rest."""
        if self._closing:
            return
        if self._on_end is None:
            self._not_admitted()
            return
        acknowledged = self.acknowledged_bytes()
        if self._ping_payload is None:
            self._send_ping()
        elif not (self._unread_bytes() and acknowledged > self._acknowledged_at_ping):
            self._settings.telemetry.count(Counted.CLOSES, "heartbeat")
            logger.debug("a peer does not answer")
            self.transport.abort()
        self._acknowledged_at_ping = acknowledged

    def _not_admitted(self) -> None:
        """Nobody listens to this connection, and its time for that is over."""
        if self._protocol.state is State.CONNECTING:
            self._refuse(handshake.refusal(503), "not_admitted")
        else:
            self._fail(CloseCode.INTERNAL_ERROR, "not admitted in time", "not_admitted")

    def _send_ping(self) -> None:
        self.flush()  # what was written before leaves before
        self._ping_payload = random.getrandbits(32).to_bytes(4, "big")
        self._protocol.send_ping(self._ping_payload)
        self._send_protocol_data()

    def _unread_bytes(self) -> int:
        """Bytes that are on their way, here or in the system, and not acknowledged."""
        sock = self.transport.get_extra_info("socket")
        in_system = unacknowledged_bytes(sock) if sock is not None else 0
        return self.transport.get_write_buffer_size() + in_system

    # The sink

    def identify(self, user_id: int) -> None:
        self._user_id = user_id
        self._budget.inherit(self._settings.used_budgets, user_id, self._loop.time())

    @property
    def high_water(self) -> int:
        return self._settings.high_water

    def new_group(self) -> ConnectionGroup:
        return ConnectionGroup()

    def write(self, frame: Frame) -> None:
        framed = text_frame(frame)
        if not self._pending_bytes:
            self._settings.coalescer.add(self)
        self._pending.append(framed)
        self._pending_bytes += len(framed)
        self._refresh_group()

    def buffered_bytes(self) -> int:
        return self._pending_bytes + self.transport.get_write_buffer_size()

    def sent_bytes(self) -> int:
        return self._all_written() - self.transport.get_write_buffer_size()

    def acknowledged_bytes(self) -> int:
        return self._all_written() - self._unread_bytes()

    def flush_tick(self) -> None:
        """Flush at the end of a tick. If all of a full buffer is taken at once, the transport never
        paused, and so never calls `resume_writing`."""
        full = self.buffered_bytes() >= self.high_water
        self.flush()
        if full and not self._paused and self.on_writable:
            self.on_writable()

    def flush(self) -> None:
        """Send what is pending, without waiting for the end of the tick."""
        pending = self._pending
        if pending and not (self._closing or self.transport.is_closing()):
            self._written += self._pending_bytes
            self.transport.write(pending[0] if len(pending) == 1 else b"".join(pending))
        pending.clear()
        self._pending_bytes = 0
        self._refresh_group()

    def takes_direct_writes(self) -> bool:
        return (
            not self._pending
            and not self._paused
            and not self._closing
            and self._on_end is not None
            and not self.transport.is_closing()
        )

    def count(self, size: int) -> None:
        self._written += size

    def _refresh_group(self) -> None:
        if self.group is not None:
            self.group.refresh(self)

    def _all_written(self) -> int:
        return self._written + (0 if self.group is None else self.group.uncounted(self))

    # Close

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake; a peer that does not take part in it is cut off."""
        if self._closing or self.transport.is_closing() or self._protocol.state is not State.OPEN:
            return
        self.flush()
        self._protocol.send_close(code, reason)
        self._send_protocol_data()
        self._closing = True
        self._resume_reading()
        self._abort_later()
        self._end(code)

    def _shut(self, code: int) -> None:
        """Send what is left, and close the TCP connection. A peer that reads nothing cannot prevent
        that."""
        self.flush()
        self._send_protocol_data()
        self._closing = True
        self._end(code)
        self.transport.close()
        self._abort_later()

    def _abort_later(self) -> None:
        if self._close_timer is None:
            self._close_timer = self._loop.call_later(CLOSE_TIMEOUT_S, self.transport.abort)

    def _send_protocol_data(self) -> None:
        """Write pongs and the like. A peer that makes us reply and does not read the replies is not
        read from any more, until it does: else it could fill our memory."""
        data = b"".join(self._protocol.data_to_send())
        if not data or self.transport.is_closing():
            return
        self.transport.write(data)
        if self._paused:
            self._unread_replies += len(data)
            if self._unread_replies > MAX_UNREAD_REPLIES and not self._closing:
                self.transport.pause_reading()


def _answer_to(received: Close) -> bytes:
    payload = b"" if received.code == CloseCode.NO_STATUS_RCVD else received.serialize()
    return IncomingFrame(Opcode.CLOSE, payload).serialize(mask=False)


def _code_of(violation: Exception) -> CloseCode:
    """As the protocol closes an open connection."""
    match violation:
        case PayloadTooBig():
            return CloseCode.MESSAGE_TOO_BIG
        case UnicodeDecodeError():
            return CloseCode.INVALID_DATA
    return CloseCode.PROTOCOL_ERROR


async def _await(on_end: OnEnd) -> None:
    await on_end()
