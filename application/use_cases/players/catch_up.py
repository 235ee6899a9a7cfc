"""Catch up over HTTP: read missed events by polling, without a socket."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from attrs import frozen

from application.frames.control_frames import InitialState, NotRecovered
from application.frames.position import Position
from application.ports.codec import Codec
from application.ports.storage.unit_of_work import UnitOfWork
from application.sync.frame_formats import StandardFormat
from application.sync.player_state import StateReader
from application.sync.recovery import PageRequest
from domain.constraints import Description

MAX_BYTES = 256 * 1024
"""Approximate limit of envelope bytes per answer."""


@frozen(kw_only=True)
class CaughtUp:
    """A page of frames, in the format of the socket; `events` says in which versions.

    `position` (`<epoch>:<seq>`) is the device's position after them, to be sent as the next
    `since`; if `more` is true, immediately.
    """

    position: Annotated[
        str, Description("The position after these frames, `<epoch>:<seq>`: the next `since`.")
    ]
    recovered: Annotated[bool, Description("Whether the frames continue `since` without a gap.")]
    reason: Annotated[
        NotRecovered | None, Description("Why not; null if recovered, or without `since`.")
    ]
    more: Annotated[bool, Description("Whether there are more events: poll again at once.")]
    events: Annotated[
        Mapping[str, int], Description("The version of each type, as in `sync_connected`.")
    ]
    frames: Annotated[
        Sequence[Any],
        Description("The events after `since`; or `initial_state`, if not recovered."),
    ]


@frozen
class CatchUp:
    """For devices in networks that do not support WebSockets: poll from the last position.

    - The answer is the same page that a session reads: the missed events, or a fresh
      `initial_state` with the reason; never a partial recovery.
    """

    _unit_of_work: UnitOfWork
    _codec: Codec
    _state_reader: StateReader

    async def execute(
        self, user_id: int, since: Position | None, frame_format: StandardFormat
    ) -> CaughtUp:
        """Read the page after `since`; without a position, the state."""
        request = PageRequest(
            user_id=user_id, after=since, max_bytes=MAX_BYTES, state_reader=self._state_reader
        )
        page = await self._unit_of_work.read(request.read)
        if page.state is not None:
            state = InitialState(user_id=user_id, seq=page.head, data=page.state)
            frames, seq = [self._codec.control(state)], page.head
        else:
            assert since is not None, "without a position there is a state"
            encoded = (frame_format.encode(entry) for entry in page.entries)
            frames = [frame for frame in encoded if frame is not None]
            seq = page.entries[-1].seq if page.entries else since.seq
        return CaughtUp(
            position=str(Position(page.epoch, seq)),
            recovered=not page.restart,
            reason=page.reason,
            more=seq < page.head,
            events=frame_format.accepted.versions,
            frames=[self._codec.embed(frame) for frame in frames],
        )
