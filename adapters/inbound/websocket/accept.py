"""How every WebSocket is served: admit, accept or refuse, connect, listen."""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from attrs import frozen
from litestar.connection import ASGIConnection
from litestar.types import Receive, Scope, Send

from adapters.inbound.access.audit_records import audit_record
from adapters.inbound.access.credentials import SUBPROTOCOL
from adapters.inbound.access.guards import Access, AccessControl
from adapters.inbound.access.origins import AnyConnection
from adapters.inbound.errors.error_table import code_of, row_of
from adapters.inbound.errors.problem_details import REFUSALS, Refusal
from adapters.inbound.metrics.node_metrics import NodeMetrics
from adapters.inbound.websocket.asgi_sink import AsgiSink
from adapters.inbound.websocket.http_refusal import send_refusal
from adapters.inbound.websocket.socket_sink import SocketSink
from adapters.inbound.websocket.transport.handshake import EXTENSION
from application.audit.audit_queue import AuditQueue
from application.connections.client_connection import ClientConnection
from application.hub.drain import Drain, ShuttingDown
from application.ports.clock import Clock
from application.ports.frame_sink import FrameSink
from application.ports.tokens import Caller
from domain.audit import OK

logger = logging.getLogger("synchub.websocket")

Opening = AbstractAsyncContextManager[ClientConnection]

Connect = Callable[[AnyConnection, Caller, FrameSink], Opening]
"""Opens the right kind of connection for an admitted caller, or refuses with a DomainError."""


@frozen(kw_only=True)
class Endpoint:
    """`headers` go into the answer to the handshake; `name` is for metrics and tickets."""

    name: str
    access: Access
    connect: Connect
    headers: Mapping[str, str]


@frozen
class SocketServer:
    """Serves a WebSocket from its handshake to its end.

    A refusal depends on what the client knows. Who offers the subprotocol `synchub.v1` knows our
    close codes: the handshake is accepted and the socket closed with a code, since a browser does
    not see why a handshake was refused. Everybody else gets an HTTP response instead of the
    upgrade: other clients take any accepted socket for a success, and would come back for ever.
    """

    _access_control: AccessControl
    _clock: Clock
    _drain: Drain
    _metrics: NodeMetrics
    _high_water: int
    _audit_queue: AuditQueue

    async def serve(self, scope: Scope, receive: Receive, send: Send, endpoint: Endpoint) -> None:
        """Run as an ASGI application; may return while the connection goes on."""
        request: AnyConnection = ASGIConnection(scope)
        await receive()
        sink = self._sink(scope, receive, send)
        try:
            if self._drain.begun:
                raise ShuttingDown
            caller = await self._access_control.admit_realtime(
                request, endpoint.access, endpoint.name
            )
            opening = endpoint.connect(request, caller, sink)
        except REFUSALS as refusal:
            code = code_of(refusal)
            self._count(endpoint, code)
            self._audit(scope, endpoint, code)
            logger.info("a socket was refused", extra={"endpoint": endpoint.name, "code": code})
            await self._refuse(scope, send, sink, refusal)
            return
        self._count(endpoint, "accepted")
        self._audit(scope, endpoint, OK)
        await send(_acceptance(scope, endpoint.headers))
        # Left by the sink, not here: this call may return long before.
        connection = await opening.__aenter__()
        leave = partial(opening.__aexit__, None, None, None)
        await sink.listen(partial(self._receive, connection), leave)

    async def _refuse(self, scope: Scope, send: Send, sink: SocketSink, refusal: Refusal) -> None:
        if not _knows_close_codes(scope):
            await send_refusal(scope, send, refusal)
            return
        await send(_acceptance(scope, {}))
        sink.close(row_of(refusal).close_code, str(refusal))
        await sink.listen(_ignore, _nothing)

    def _receive(self, connection: ClientConnection, message: str | bytes) -> None:
        connection.receive(message, self._clock.monotonic())

    def _sink(self, scope: Scope, receive: Receive, send: Send) -> SocketSink:
        extensions: Mapping[str, Any] = scope.get("extensions") or {}
        ours: SocketSink | None = extensions.get(EXTENSION)
        return ours if ours is not None else AsgiSink(receive, send, self._high_water)

    def _audit(self, scope: Scope, endpoint: Endpoint, outcome: str) -> None:
        """Opening an operator's socket is an act, too."""
        if endpoint.access is Access.OPERATOR:
            action = f"open {endpoint.name}"
            record = audit_record(scope, self._clock, action=action, outcome=outcome)
            add = self._audit_queue.add if outcome == OK else self._audit_queue.add_refused
            add(record)

    def _count(self, endpoint: Endpoint, result: str) -> None:
        self._metrics.handshakes.labels(endpoint.name, result).inc()


def _knows_close_codes(scope: Any) -> bool:
    return SUBPROTOCOL in scope["subprotocols"]


def _acceptance(scope: Scope, headers: Mapping[str, str]) -> Any:
    return {
        "type": "websocket.accept",
        "subprotocol": SUBPROTOCOL if _knows_close_codes(scope) else None,
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }


def _ignore(_: str | bytes) -> None:
    pass


async def _nothing() -> None:
    pass
