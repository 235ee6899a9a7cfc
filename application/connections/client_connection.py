"""What every kind of client connection does: answer pings, keep a budget, end in time.

Sans-I/O. The clock, messages and results of reads come in; frames and the close leave through the
sink; what has to be read from the database comes out as a `ReadRequest`, which the driver carries
out (`application.hub.journal_reader`).
"""

import logging
from abc import abstractmethod
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from attrs import evolve, frozen

from application.connections.budget import Budget
from application.connections.read_request import ReadRequest
from application.frames.client_messages import Auth, ClientMessage, Ping
from application.frames.close_codes import CloseCode
from application.frames.control_frames import (
    AuthOk,
    ControlFrame,
    ErrorFrame,
    InitialState,
    Pong,
    Reconnect,
    TokenExpiring,
)
from application.frames.frame import Frame
from application.ports.codec import Codec
from application.ports.frame_sink import FrameSink
from application.ports.telemetry import Counted, Telemetry
from application.ports.tokens import Caller
from domain.errors import DomainError, Forbidden

logger = logging.getLogger("synchub.connection")


@frozen(kw_only=True)
class Limits:
    """What one connection may cost.

    `buffer_bytes`: how much may wait for the socket before nothing more is pushed to it.
    `stall_s`: a socket that acknowledges nothing of what waits for so many seconds is closed.
    `messages`: how many messages a client may send in ten seconds.
    `token_warning_s`: how long before its token expires a client is told.
    """

    buffer_bytes: int = 256 * 1024
    stall_s: float = 30.0
    messages: int = 60
    token_warning_s: float = 60.0


@frozen(kw_only=True)
class Peer:
    """Who is at the other end. `deadline`, when the token expires, is in monotonic seconds."""

    connection_id: str
    caller: Caller
    deadline: float
    sink: FrameSink


@frozen(kw_only=True)
class Environment:
    """What all connections of a node share. `authenticate` returns the caller of an access token;
    DomainError if it is refused."""

    authenticate: Callable[[str | None], Caller]
    codec: Codec
    telemetry: Telemetry
    limits: Limits


class ClientConnection:
    """Base of user sessions and monitors. The driver calls `tick` about once a second."""

    __slots__ = (
        "_acknowledged", "_environment", "_progress_at", "_reading", "_sink", "_warned", "budget",
        "closed", "mode", "peer",
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
        self._warned = False

    def receive(self, message: str | bytes, now: float) -> None:
        """Handle a message from the client."""
        if not self.budget.spend(1, now):
            self.close(CloseCode.BUDGET_EXCEEDED, "too many messages")
        else:
            self._write_controls([self._reply(self._environment.codec.client_message(message))])

    def _reply(self, message: ClientMessage | None) -> ControlFrame:
        match message:
            case Ping():
                return Pong()
            case Auth(token) if self.is_renewable():
                return self._renew(token)
        return ErrorFrame(code="unknown_message", message="not a type that is understood here")

    def _renew(self, token: str) -> ControlFrame:
        """Go on with the authority and the expiry of this token. A refusal changes nothing."""
        try:
            caller = self._environment.authenticate(token)
            self.check_renewal(caller)
        except DomainError as refusal:
            self._environment.telemetry.count(Counted.RENEWALS, refusal.error_code)
            logger.info("renewal refused", extra={**self.facts(), "code": refusal.error_code})
            return ErrorFrame(code=refusal.error_code, message=str(refusal))
        gained = caller.expires_at - self.peer.caller.expires_at
        deadline = self.peer.deadline + gained.total_seconds()
        self.peer = evolve(self.peer, caller=caller, deadline=deadline)
        self._warned = False
        self._environment.telemetry.count(Counted.RENEWALS, "renewed")
        logger.debug("renewed", extra={**self.facts(), "gained_s": gained.total_seconds()})
        return AuthOk(token_expires_at=caller.expires_at)

    def is_renewable(self) -> bool:
        """Whether the client may renew its token over the connection, and is told in time."""
        return True

    def check_renewal(self, caller: Caller) -> None:
        """Forbidden unless the connection may go on as this caller."""
        if caller.user_id != self.peer.caller.user_id:
            raise Forbidden("the token belongs to another user", code="wrong_user")

    def tick(self, now: float) -> ReadRequest | None:
        """Enforce the deadlines, and retry what failed before."""
        if self.closed:
            return None
        if now >= self.peer.deadline:
            self.close(CloseCode.TOKEN_EXPIRED, "token expired")
            return None
        if self._makes_progress():
            self._progress_at = now
            self._warn_of_expiry(now)
            return self.advance()
        if now - self._progress_at >= self._environment.limits.stall_s:
            self.close(CloseCode.NO_PROGRESS, "no progress")
        return None

    def _warn_of_expiry(self, now: float) -> None:
        """Tell once that the token expires soon; later, if the client has not had its first frames,
        or its socket is full."""
        warn_at = self.peer.deadline - self._environment.limits.token_warning_s
        if now >= warn_at and not self._warned:
            expiring = TokenExpiring(token_expires_at=self.peer.caller.expires_at)
            self._warned = self.show_notice(self._encoded(expiring))

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
        if isinstance(error, Forbidden):
            self.close(CloseCode.FORBIDDEN, str(error))
        elif isinstance(error, DomainError):
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
            self._sink.write(self._encoded(control))

    def _encoded(self, control: ControlFrame) -> Frame:
        seq = control.seq if isinstance(control, InitialState) else None
        return Frame(self._environment.codec.control(control), seq)
