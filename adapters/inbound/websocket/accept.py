"""How every WebSocket is served: accept, admit, connect, listen."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from attrs import frozen
from litestar.connection import ASGIConnection
from litestar.types import Receive, Scope, Send

from adapters.inbound.access.credentials import AnyConnection, any_token
from adapters.inbound.errors.error_table import answer_to, code_of
from adapters.inbound.metrics.node_metrics import Metrics
from adapters.inbound.websocket.asgi_sink import AsgiSink
from adapters.inbound.websocket.hub_protocol import EXTENSION
from adapters.inbound.websocket.socket_sink import SocketSink
from adapters.inbound.websocket.transport_sink import TransportSink
from adapters.inbound.websocket.write_coalescer import WriteCoalescer
from application.connections.client_connection import ClientConnection
from application.hub.drain import Drain, ShuttingDown
from application.identity.token_service import Authenticator
from application.ports.clock import Clock
from application.ports.frame_sink import FrameSink
from application.ports.tokens import Caller
from domain.errors import DomainError

Connect = Callable[
    [AnyConnection, Caller, FrameSink], AbstractAsyncContextManager[ClientConnection]
]
"""Opens the right kind of connection for an admitted caller, or refuses with a DomainError."""


@frozen
class SocketServer:
    """Serves a WebSocket from its handshake to its end.

    The handshake is always accepted: browsers do not see why one was refused, but they see the
    code with which an accepted socket is closed.
    """

    _authenticator: Authenticator
    _clock: Clock
    _drain: Drain
    _metrics: Metrics
    _coalescer: WriteCoalescer
    _high_water: int

    async def serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        endpoint: str,
        connect: Connect,
        headers: Mapping[str, str],
    ) -> None:
        """`headers` go into the answer to the handshake; `endpoint` is for the metrics."""
        request: AnyConnection = ASGIConnection(scope)
        await receive()
        await send(_acceptance(headers))
        sink = self._sink(scope, receive, send)
        try:
            if self._drain.begun:
                raise ShuttingDown
            caller = self._authenticator.authenticate(any_token(request))
            opening = connect(request, caller, sink)
        except (DomainError, ShuttingDown) as refusal:
            self._count(endpoint, code_of(refusal))
            sink.close(answer_to(refusal).close_code, str(refusal))
            await sink.listen(_ignore, _nothing)
            return
        self._count(endpoint, "accepted")
        # Left by the sink, not here: by then this call may long have returned.
        connection = await opening.__aenter__()
        leave = partial(opening.__aexit__, None, None, None)
        await sink.listen(partial(self._hear, connection), leave)

    def _hear(self, connection: ClientConnection, message: str | bytes) -> None:
        connection.receive(message, self._clock.monotonic())

    def _sink(self, scope: Scope, receive: Receive, send: Send) -> SocketSink:
        extensions: Mapping[str, Any] = scope.get("extensions") or {}
        if (protocol := extensions.get(EXTENSION)) is not None:
            return TransportSink(protocol, self._coalescer, self._high_water)
        return AsgiSink(receive, send, self._high_water)

    def _count(self, endpoint: str, result: str) -> None:
        self._metrics.handshakes.labels(endpoint, result).inc()


def _acceptance(headers: Mapping[str, str]) -> Any:
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "websocket.accept", "subprotocol": None, "headers": encoded}


def _ignore(_: str | bytes) -> None:
    pass


async def _nothing() -> None:
    pass
