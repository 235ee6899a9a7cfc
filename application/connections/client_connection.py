"""What every kind of socket has to do: answer pings, keep a budget, end in time.

Sans-I/O: the clock comes in, frames and the close go out through the sink.
"""

from collections.abc import Iterable
from enum import Enum

from attrs import frozen

from application.frames.close_codes import CloseCode
from application.frames.control_frames import (
    ControlFrame,
    ErrorFrame,
    InitialState,
    Pong,
    Reconnect,
)
from application.frames.frame import Frame
from application.ports.codec import Codec
from application.ports.frame_sink import FrameSink
from application.ports.tokens import Caller


@frozen(kw_only=True)
class Limits:
    """`buffer_bytes` may wait for a socket before it is too slow to be pushed to; one that takes
    none of what waits for `stall_s` seconds is closed; `messages` may come in every ten seconds.
    """

    buffer_bytes: int = 256 * 1024
    stall_s: float = 30.0
    messages: int = 60


@frozen(kw_only=True)
class Peer:
    """Who is at the other end. `deadline`, the end of the token, is in monotonic seconds."""

    connection_id: str
    caller: Caller
    deadline: float
    sink: FrameSink


_MESSAGE_WINDOW_S = 10.0


class ClientConnection:
    """Base of user sessions and monitors. The driver calls `tick` about once a second."""

    __slots__ = (
        "_codec", "_limits", "_messages", "_messages_since", "_progress", "_progress_at", "_sink",
        "closed", "peer",
    )  # fmt: skip

    mode: Enum
    """What the connection is about at the moment, for operators to see."""

    def __init__(self, peer: Peer, codec: Codec, limits: Limits, now: float) -> None:
        self.peer = peer
        self.closed = False
        self._sink = peer.sink
        self._codec = codec
        self._limits = limits
        self._progress = 0
        self._progress_at = now
        self._messages = 0
        self._messages_since = now
        self._sink.on_writable = self._advance

    def open(self) -> None:
        """Begin; called once the hub delivers to this connection."""
        self._advance()

    def receive(self, message: str | bytes, now: float) -> None:
        """The client sent something."""
        if now - self._messages_since >= _MESSAGE_WINDOW_S:
            self._messages_since, self._messages = now, 0
        self._messages += 1
        if self._messages > self._limits.messages:
            self.close(CloseCode.BUDGET_EXCEEDED, "too many messages")
        elif self._codec.client_message(message) == "ping":
            self._write_controls([Pong()])
        else:
            error = ErrorFrame(code="unknown_message", message="only ping is understood")
            self._write_controls([error])

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self.closed:
            return
        if now >= self.peer.deadline:
            self.close(CloseCode.TOKEN_EXPIRED, "token expired")
        elif self._is_moving():
            self._progress_at = now
            self._advance()
        elif now - self._progress_at >= self._limits.stall_s:
            self.close(CloseCode.NO_PROGRESS, "no progress")

    def _is_moving(self) -> bool:
        """Nothing waits for the peer, or it has taken something since the last tick."""
        if not self._sink.buffered():
            self._progress = self._sink.taken()
            return True
        before, self._progress = self._progress, self._sink.progress()
        return self._progress != before

    def announce(self, frame: Frame) -> bool:
        """Show an announcement, unless the socket is too slow to be pushed to; whether it was."""
        if self._sink.buffered() >= self._limits.buffer_bytes:
            return False
        self._sink.write(frame)
        return True

    def send_away(self, after_ms: int) -> None:
        """End because the node stops: say when to come back, to wherever the client is led."""
        if not self.closed:
            self._write_controls([Reconnect(after_ms=after_ms)])
            self.close(CloseCode.SHUTDOWN, "shutdown")

    def close(self, code: CloseCode, reason: str) -> None:
        """End from this side, after what has been written."""
        if not self.closed:
            self.ended()
            self._sink.close(code, reason)

    def ended(self) -> None:
        """The socket is gone."""
        self.closed = True
        self._sink.on_writable = None

    def _advance(self) -> None:
        """Go on with what waited for room in the socket, or failed before."""
        raise NotImplementedError

    def _write_controls(self, controls: Iterable[ControlFrame]) -> None:
        for control in controls:
            seq = control.seq if isinstance(control, InitialState) else None
            self._sink.write(Frame(self._codec.control(control), seq))
