"""Control frames: frames that are not journaled events and have no place in the `seq` order.

Optional fields that are `None` are omitted on the wire. The docstrings of the classes are the
descriptions in the published JSON Schemas.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from attrs import frozen

from application.frames.state_data import StateData
from domain.notice import NoticeLevel


class NotRecovered(StrEnum):
    """Why a session could not resume from the position of the client."""

    NEW_EPOCH = "new_epoch"
    FROM_FUTURE = "from_future"
    TRIMMED = "trimmed"


@frozen(kw_only=True)
class ControlFrame:
    """Base class of all control frames. `type` is the discriminator on the wire."""

    type: ClassVar[str]


@frozen(kw_only=True)
class SyncConnected(ControlFrame):
    """First frame of `/api/realtime/sync`. If `recovered` is false, `initial_state` at `seq` is the
    next frame. The next event is `seq + 1`. To resume later, send `since=<epoch>:<last seq seen>`.

    `heartbeat_s` is the interval of the server's heartbeats (pings) in seconds.
    """

    type = "sync_connected"

    v: int = 1
    session_id: str
    user_id: int
    epoch: str
    seq: int
    recovered: bool
    reason: NotRecovered | None = None
    heartbeat_s: float
    token_expires_at: datetime


@frozen(kw_only=True)
class InitialState(ControlFrame):
    """The player's state at exactly `seq`; the next event is `seq + 1`."""

    type = "initial_state"

    v: int = 1
    user_id: int
    seq: int
    data: StateData


@frozen(kw_only=True)
class Pong(ControlFrame):
    """The answer to a client's `ping`."""

    type = "pong"


@frozen(kw_only=True)
class ErrorFrame(ControlFrame):
    """An invalid client message, or a warning. `code` is stable and machine-readable."""

    type = "error"

    v: int = 1
    code: str
    message: str


@frozen(kw_only=True)
class TokenExpiring(ControlFrame):
    """The access token of this connection expires soon. Refresh it and send
    `{"type": "auth", "token": …}`, or the connection is closed with 3005."""

    type = "token_expiring"

    v: int = 1
    token_expires_at: datetime


@frozen(kw_only=True)
class AuthOk(ControlFrame):
    """The token of the client's `auth` was accepted: the connection stays until it expires."""

    type = "auth_ok"

    v: int = 1
    token_expires_at: datetime


@frozen(kw_only=True)
class Reconnect(ControlFrame):
    """The node is shutting down. Reconnect after `after_ms` milliseconds and resume."""

    type = "reconnect"

    v: int = 1
    after_ms: int


@frozen(kw_only=True)
class Notice(ControlFrame):
    """A message from an operator to all connected clients. `link` is an https URL with details."""

    type = "announcement"

    v: int = 1
    id: UUID
    message: str
    level: NoticeLevel
    link: str | None = None
    ts: datetime


@frozen(kw_only=True)
class WsAck(ControlFrame):
    """First frame of the deprecated `/api/games/ws`."""

    type = "ws_ack"

    user_id: int


@frozen(kw_only=True)
class MonitorSnapshot(ControlFrame):
    """The connected users and the latest game events (legacy format, oldest first)."""

    type = "monitor_snapshot"

    v: int = 1
    connected_users: Sequence[int]
    user_count: int
    connection_count: int
    recent_events: Sequence[Any]


@frozen(kw_only=True)
class MonitorGap(ControlFrame):
    """The monitor was too slow and `missed` frames were skipped; a new `monitor_snapshot`
    follows."""

    type = "monitor_gap"

    v: int = 1
    missed: int


@frozen(kw_only=True)
class PresenceJoin(ControlFrame):
    """The user's first device connected."""

    type = "presence_join"

    v: int = 1
    user_id: int
    ts: datetime


@frozen(kw_only=True)
class PresenceLeave(ControlFrame):
    """The user's last device disconnected and did not return within the grace period."""

    type = "presence_leave"

    v: int = 1
    user_id: int
    ts: datetime


CONTROL_FRAMES: Sequence[type[ControlFrame]] = (
    SyncConnected,
    InitialState,
    Pong,
    ErrorFrame,
    TokenExpiring,
    AuthOk,
    Reconnect,
    Notice,
    WsAck,
    MonitorSnapshot,
    MonitorGap,
    PresenceJoin,
    PresenceLeave,
)
