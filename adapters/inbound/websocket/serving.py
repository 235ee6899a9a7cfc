"""How every WebSocket is served: accept, admit, connect, listen."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from attrs import frozen
from litestar import WebSocket

from adapters.inbound.credentials import any_token
from adapters.inbound.metrics import Metrics
from adapters.inbound.problems import answer_to, code_of
from adapters.inbound.websocket.asgi_sink import AsgiSink
from adapters.inbound.websocket.socket_sink import SocketSink
from adapters.inbound.websocket.transport_sink import EXTENSION, TransportSink
from application.authentication import Authenticator
from application.ports.clock import Clock
from application.ports.frame_sink import FrameSink
from application.ports.tokens import Caller
from application.realtime.connection import Connection
from application.realtime.drain import Drain, ShuttingDown
from domain.errors import DomainError

AnyWebSocket = WebSocket[Any, Any, Any]

Connect = Callable[[Caller, FrameSink], AbstractAsyncContextManager[Connection]]
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
    _high_water: int

    async def serve(
        self,
        socket: AnyWebSocket,
        endpoint: str,
        connect: Connect,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`headers` go into the answer to the handshake; `endpoint` is for the metrics."""
        token = any_token(socket)
        await socket.accept(headers=dict(headers or {}))
        async with self._sink(socket) as sink:
            try:
                if self._drain.begun:
                    raise ShuttingDown
                caller = self._authenticator.authenticate(token)
                opening = connect(caller, sink)
            except (DomainError, ShuttingDown) as refusal:
                self._count(endpoint, code_of(refusal))
                sink.close(answer_to(refusal).close_code, str(refusal))
                while await sink.receive() is not None:
                    pass
                return
            self._count(endpoint, "accepted")
            async with opening as connection:
                while (message := await sink.receive()) is not None:
                    connection.receive(message, self._clock.monotonic())

    def _sink(self, socket: AnyWebSocket) -> SocketSink:
        extensions: Mapping[str, Any] = socket.scope.get("extensions") or {}
        if (protocol := extensions.get(EXTENSION)) is not None:
            return TransportSink(protocol, self._high_water)
        return AsgiSink(socket.receive, socket.send, self._high_water)

    def _count(self, endpoint: str, result: str) -> None:
        self._metrics.handshakes.labels(endpoint, result).inc()
