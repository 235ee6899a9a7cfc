"""What the endpoints need of a socket: a sink, and what the client sends."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable

from application.ports.frame_sink import FrameSink

OnMessage = Callable[[str | bytes], None]
"""Takes one message of the client."""

OnEnd = Callable[[], Awaitable[object]]
"""Awaited once, when the socket is gone or was closed from here."""


class SocketSink(FrameSink):
    """An accepted WebSocket. Frames may only leave once `listen` has been called."""

    __slots__ = ()

    @abstractmethod
    async def listen(self, on_message: OnMessage, on_end: OnEnd) -> None:
        """Hand the client's messages over, in order, until the end. This call may return long
        before
        that: the connection goes on without a task of its own."""
