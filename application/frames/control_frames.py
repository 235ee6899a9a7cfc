"""Control frames: what a socket carries besides events, outside the order of the journal.

Optional fields that are `None` are left out on the wire.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from attrs import frozen

from domain.notice import NoticeLevel


class NotRecovered(StrEnum):
    """Why a session could not go on where the last one ended."""

    NEW_EPOCH = "new_epoch"
    FROM_FUTURE = "from_future"
    TRIMMED = "trimmed"


@frozen(kw_only=True)
class ControlFrame:
    type: ClassVar[str]


@frozen(kw_only=True)
class SyncConnected(ControlFrame):
    """First frame of `/api/realtime/sync`. The next event is `seq + 1`, after an `initial_state`
    at `seq` unless `recovered`. To resume later, send `since=<epoch>:<last seq seen>`.

    `heartbeat_s` is the interval of the server's pings in seconds.
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
    data: "StateData"


@frozen(kw_only=True)
class StateData:
    """`streaks` by action type, `stats` by game type, rewards newest first; `open_rounds` are
    the crash rounds that can still be cashed out, oldest first."""

    profile: Mapping[str, Any]
    streaks: Mapping[str, Mapping[str, Any]]
    stats: Mapping[str, Mapping[str, int]]
    recent_rewards: Sequence[Mapping[str, Any]]
    open_rounds: Sequence[Mapping[str, Any]]


@frozen(kw_only=True)
class Pong(ControlFrame):
    type = "pong"


@frozen(kw_only=True)
class ErrorFrame(ControlFrame):
    """What the client sent was not understood, or something it should know; `code` is stable."""

    type = "error"

    v: int = 1
    code: str
    message: str


@frozen(kw_only=True)
class Reconnect(ControlFrame):
    """The node is about to stop: connect again after `after_ms` milliseconds, and go on."""

    type = "reconnect"

    v: int = 1
    after_ms: int


@frozen(kw_only=True)
class Notice(ControlFrame):
    """An operator tells everybody who is connected; `link` is a page about it."""

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
    """Who is connected, and the latest game events (flat dialect, oldest first)."""

    type = "monitor_snapshot"

    v: int = 1
    connected_users: Sequence[int]
    user_count: int
    connection_count: int
    recent_events: Sequence[Any]


@frozen(kw_only=True)
class MonitorGap(ControlFrame):
    """`missed` frames were left out since the monitor could not keep up; a fresh
    `monitor_snapshot` follows."""

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
    """The user's last device has been gone for the grace time."""

    type = "presence_leave"

    v: int = 1
    user_id: int
    ts: datetime


CONTROL_FRAMES: Sequence[type[ControlFrame]] = (
    SyncConnected,
    InitialState,
    Pong,
    ErrorFrame,
    Reconnect,
    Notice,
    WsAck,
    MonitorSnapshot,
    MonitorGap,
    PresenceJoin,
    PresenceLeave,
)
