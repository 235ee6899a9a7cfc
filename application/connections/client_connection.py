"""What every kind of client connection does: answer pings, keep a budget, end in time.

Sans-I/O. The clock, messages and results of reads come in; frames and the close leave through the
sink; what has to be read from the database comes out as a `ReadRequest`, which the driver carries
out (`application.hub.journal_reader`).
"""

import logging
from abc import abstractmethod
from collections.abc import Iterable
from enum import Enum
from typing import Any

from attrs import frozen

from application.connections.budget import Budget
from application.connections.read_request import ReadRequest
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
from application.ports.telemetry import Counted, Telemetry
from application.ports.tokens import Caller
from domain.errors import DomainError

logger = logging.getLogger("synchub.connection")


@frozen(kw_only=True)
class Limits:
    """What one connection may cost.

    `buffer_bytes`: how much may wait for the socket before nothing more is pushed to it.
    `stall_s`: a socket that acknowledges nothing of what waits for so many seconds is closed.
    `messages`: how many messages a client may send in ten seconds.
    """

    buffer_bytes: int = 256 * 1024
    stall_s: float = 30.0
    messages: int = 60


@frozen(kw_only=True)
class Peer:
    """Who is at the other end. `deadline`, when the token expires, is in monotonic seconds."""

    connection_id: str
    caller: Caller
    deadline: float
    sink: FrameSink


@frozen(kw_only=True)
class Environment:
    """What all connections of a node share."""

    codec: Codec
    telemetry: Telemetry
    limits: Limits


class ClientConnection:
    """Base of user sessions and monitors. The driver calls `tick` about once a second."""

    __slots__ = (
        "_acknowledged", "_environment", "_progress_at", "_reading", "_sink", "budget", "closed",
        "mode", "peer",
    )  # fmt: skip

    kind: str
    """`session` or `monitor`, for logs and metrics."""

    mode: Enum

    def __init__(self, peer: Peer, environment: Environment, mode: Enum, now: float) -> None:
        """`now` is in monotonic seconds."""
        self.peer = peer
        self.mode = mode
        self.closed = False
        self._sink = peer.sink
        self._environment = environment
        self._acknowledged = 0
        self._progress_at = now
        self.budget = Budget(environment.limits.messages, now)
        self._reading = False

    def receive(self, message: str | bytes, now: float) -> None:
        """Handle a message from the client."""
        if not self.budget.spend(1, now):
            self.close(CloseCode.BUDGET_EXCEEDED, "too many messages")
        elif self._environment.codec.client_message(message) == "ping":
            self._write_controls([Pong()])
        else:
            error = ErrorFrame(code="unknown_message", message="only ping is understood")
            self._write_controls([error])

    def tick(self, now: float) -> ReadRequest | None:
        """Enforce the deadlines, and retry what failed before."""
        if self.closed:
            return None
        if now >= self.peer.deadline:
            self.close(CloseCode.TOKEN_EXPIRED, "token expired")
        elif self._makes_progress():
            self._progress_at = now
            return self.advance()
        elif now - self._progress_at >= self._environment.limits.stall_s:
            self.close(CloseCode.NO_PROGRESS, "no progress")
        return None

    def _makes_progress(self) -> bool:
        """Whether nothing waits for the peer, or it acknowledged something since the last tick."""
        if not self._sink.buffered_bytes():
            self._acknowledged = self._sink.sent_bytes()
            return True
        before, self._acknowledged = self._acknowledged, self._sink.acknowledged_bytes()
        return self._acknowledged != before

    def show_notice(self, frame: Frame) -> bool:
        """Write an operator's notice unless the socket is full; whether it was written."""
        if self._sink.buffered_bytes() >= self._environment.limits.buffer_bytes:
            return False
        self._sink.write(frame)
        return True

    def send_away(self, after_ms: int) -> None:
        """Close because the node stops; the client shall come back after `after_ms`."""
        if not self.closed:
            self._write_controls([Reconnect(after_ms=after_ms)])
            self.close(CloseCode.SHUTDOWN, "shutdown")

    def close(self, code: CloseCode, reason: str) -> None:
        """Close from this side, after everything written so far."""
        if self.closed:
            return
        self.ended()
        self._sink.close(code, reason)
        self._environment.telemetry.count(Counted.CLOSES, code.name.lower())
        logger.debug("closed", extra={**self.facts(), "code": int(code), "reason": reason})

    def ended(self) -> None:
        """Take note that the socket is gone."""
        self.closed = True
        self._sink.on_writable = None

    def facts(self) -> dict[str, Any]:
        """Who this is, for a line in the log."""
        return {
            "kind": self.kind,
            "connection": self.peer.connection_id,
            "user": self.peer.caller.user_id,
        }

    @abstractmethod
    def advance(self) -> ReadRequest | None:
        """Go on with what waited for room in the socket, or failed before. The first call begins;
        the driver makes it once the hub delivers to this connection."""

    def answer(self, result: Any) -> ReadRequest | None:
        """Take the result of the outstanding request; there may be a next one."""
        self._reading = False
        return None if self.closed else self._take(result)

    def read_failed(self, error: Exception) -> None:
        """Handle the failure of the outstanding request. A refusal, such as a user that does not
        exist, ends the connection; anything else is retried at the next `tick`."""
        self._reading = False
        if isinstance(error, DomainError):
            self.close(CloseCode.UNAUTHENTICATED, str(error))

    @abstractmethod
    def _take(self, result: Any) -> ReadRequest | None:
        """As `answer`."""

    def _enter(self, mode: Enum, reason: str) -> None:
        """Change the mode; the reason is told to operators."""
        before, self.mode = self.mode, mode
        self._environment.telemetry.count(Counted.MODE_CHANGES, reason)
        if logger.isEnabledFor(logging.DEBUG):
            change = {"from": before.name.lower(), "to": mode.name.lower(), "reason": reason}
            logger.debug("mode changed", extra={**self.facts(), **change})

    def _write_controls(self, controls: Iterable[ControlFrame]) -> None:
        for control in controls:
            seq = control.seq if isinstance(control, InitialState) else None
            self._sink.write(Frame(self._environment.codec.control(control), seq))
