"""Control frames: frames that are not journaled events and have no place in the `seq` order.

Optional fields that are `None` are omitted on the wire. The docstrings of the classes are the
descriptions in the published JSON Schemas.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from attrs import frozen

from application.frames.encoded_as import EncodedAs
from application.frames.legacy_game_event import FlatGameEvent
from application.frames.state_data import StateData
from domain.constraints import Description, Example
from domain.notice import NoticeLevel

WhoseUser = Annotated[int, Description("The user."), Example(7)]
TokenExpiry = Annotated[
    datetime,
    Description(
        "When the access token of the connection expires (UTC); without a new one, the "
        "connection ends then."
    ),
    Example("2025-08-16T12:49:56.789Z"),
]


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
    """

    type = "sync_connected"

    v: int = 1
    session_id: Annotated[
        str,
        Description("The id of this connection, for support."),
        Example("0198b2c1-8a51-7c6e-9d3f-2b1a4c5d6e70"),
    ]
    user_id: WhoseUser
    epoch: Annotated[str, Description("The history that `seq` belongs to."), Example("k3Jd9x")]
    seq: Annotated[int, Description("The position of the connection."), Example(41)]
    recovered: Annotated[bool, Description("Whether it goes on exactly after `since`.")]
    reason: Annotated[
        NotRecovered | None,
        Description("Why it does not, if there was a `since`."),
        Example("trimmed"),
    ] = None
    heartbeat_s: Annotated[
        float, Description("The interval of the server's pings, in seconds."), Example(20.0)
    ]
    token_expires_at: TokenExpiry
    events: Annotated[
        Mapping[str, int],
        Description(
            "The version of each type that this connection gets. Other types are left out, unless "
            "the client accepts all (`*`, or no `accept`)."
        ),
        Example({"purchase_update": 2}),
    ]


@frozen(kw_only=True)
class InitialState(ControlFrame):
    """The player's state at exactly `seq`; the next event is `seq + 1`."""

    type = "initial_state"

    v: int = 1
    user_id: WhoseUser
    seq: Annotated[int, Description("The last event that the state contains."), Example(41)]
    data: StateData


@frozen(kw_only=True)
class Pong(ControlFrame):
    """The answer to a client's `ping`."""

    type = "pong"


@frozen(kw_only=True)
class ErrorFrame(ControlFrame):
    """A message of the client was refused."""

    type = "error"

    v: int = 1
    code: Annotated[str, Description("Stable, for programs."), Example("unknown_message")]
    message: Annotated[str, Description("For people."), Example("not a type that is understood")]


@frozen(kw_only=True)
class TokenExpiring(ControlFrame):
    """The access token of this connection expires soon. Refresh it and send
    `{"type": "auth", "token": …}`, or the connection is closed with 3005."""

    type = "token_expiring"

    v: int = 1
    token_expires_at: TokenExpiry


@frozen(kw_only=True)
class AuthOk(ControlFrame):
    """The token of the client's `auth` was accepted: the connection stays until it expires."""

    type = "auth_ok"

    v: int = 1
    token_expires_at: TokenExpiry


@frozen(kw_only=True)
class Reconnect(ControlFrame):
    """The node is shutting down: reconnect later, and resume."""

    type = "reconnect"

    v: int = 1
    after_ms: Annotated[int, Description("When, in milliseconds from now."), Example(4_200)]


@frozen(kw_only=True)
class Notice(ControlFrame):
    """A message from an operator to all connected clients."""

    type = "announcement"

    v: int = 1
    id: Annotated[UUID, Description("Unique.")]
    message: Annotated[str, Description("What to show."), Example("Maintenance at 22:00 UTC")]
    level: Annotated[NoticeLevel, Description("How urgent it is.")]
    link: Annotated[
        str | None, Description("An https address with details."), Example("https://example.com/")
    ] = None
    ts: Annotated[datetime, Description("When it was sent (UTC).")]


@frozen(kw_only=True)
class WsAck(ControlFrame):
    """First frame of the deprecated `/api/games/ws`."""

    type = "ws_ack"

    user_id: WhoseUser


@frozen(kw_only=True)
class MonitorSnapshot(ControlFrame):
    """The connected users and the latest games."""

    type = "monitor_snapshot"

    v: int = 1
    connected_users: Annotated[Sequence[int], Description("Their ids."), Example([7, 12])]
    user_count: Annotated[int, Description("How many users are connected."), Example(2)]
    connection_count: Annotated[int, Description("How many devices they have."), Example(3)]
    recent_events: Annotated[
        Sequence[Annotated[Any, EncodedAs(FlatGameEvent, closed=False)]],
        Description("The latest games, oldest first."),
    ]


@frozen(kw_only=True)
class MonitorGap(ControlFrame):
    """The monitor was too slow, and frames were skipped; a new `monitor_snapshot` follows."""

    type = "monitor_gap"

    v: int = 1
    missed: Annotated[int, Description("How many frames were skipped."), Example(120)]


@frozen(kw_only=True)
class PresenceJoin(ControlFrame):
    """The user's first device connected."""

    type = "presence_join"

    v: int = 1
    user_id: WhoseUser
    ts: Annotated[datetime, Description("When (UTC).")]


@frozen(kw_only=True)
class PresenceLeave(ControlFrame):
    """The user's last device disconnected and did not return within the grace period."""

    type = "presence_leave"

    v: int = 1
    user_id: WhoseUser
    ts: Annotated[datetime, Description("When (UTC).")]


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
