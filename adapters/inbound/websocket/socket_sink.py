"""What the endpoints need of a socket: a sink, and what the client sends."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable

from application.ports.frame_sink import FrameSink

Receive = Callable[[str | bytes], None]
"""Takes one message of the client's."""

End = Callable[[], Awaitable[object]]
"""Run once, when the socket is gone or closed from here."""


class SocketSink(FrameSink):
    """An accepted WebSocket. Frames may only leave once `listen` has been called."""

    __slots__ = ()

    @abstractmethod
    async def listen(self, receive: Receive, end: End) -> None:
        """Hand the client's messages to `receive`, in order, until `end`. This call may return
        long before that: the connection goes on without a task of its own."""
