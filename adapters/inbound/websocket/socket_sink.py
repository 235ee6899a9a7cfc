"""What the endpoints need of a socket: a sink, and what the client sends."""

from abc import abstractmethod
from types import TracebackType
from typing import Self

from application.ports.frame_sink import FrameSink


class SocketSink(FrameSink):
    """An accepted WebSocket. Use as a context: leaving it frees what the sink holds."""

    __slots__ = ()

    @abstractmethod
    async def receive(self) -> str | bytes | None:
        """The client's next message, or None once the socket is gone or closed from here."""

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
