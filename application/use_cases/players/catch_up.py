"""Catch up over HTTP: read missed events by polling, without a socket."""

from collections.abc import Sequence

from attrs import frozen

from application.frames.control_frames import InitialState, NotRecovered
from application.frames.position import Position
from application.ports.codec import Codec
from application.ports.storage.unit_of_work import UnitOfWork
from application.sync.recovery import PageRequest

MAX_BYTES = 256 * 1024
"""Approximate limit of envelope bytes per answer."""


@frozen(kw_only=True)
class CaughtUp:
    """A page of frames, in the format of the socket. `position` is the device's position after
    them; `more` is true if it is not at the head yet."""

    position: Position
    recovered: bool
    reason: NotRecovered | None
    more: bool
    frames: Sequence[bytes]


@frozen
class CatchUp:
    """For devices in networks that do not support WebSockets: poll from the last position.

    - The answer is the same page that a session reads: the missed events, or a fresh
      `initial_state` with the reason; never a partial recovery.
    """

    _unit_of_work: UnitOfWork
    _codec: Codec

    async def execute(self, user_id: int, since: Position | None) -> CaughtUp:
        """Read the page after `since`; without a position, the state."""
        request = PageRequest(user_id=user_id, after=since, max_bytes=MAX_BYTES, with_state=True)
        page = await self._unit_of_work.read(request.read)
        if page.state is not None:
            state = InitialState(user_id=user_id, seq=page.head, data=page.state)
            frames, seq = [self._codec.control(state)], page.head
        else:
            assert since is not None, "without a position there is a state"
            frames = [entry.envelope for entry in page.entries]
            seq = page.entries[-1].seq if page.entries else since.seq
        return CaughtUp(
            position=Position(page.epoch, seq),
            recovered=not page.restart,
            reason=page.reason,
            more=seq < page.head,
            frames=frames,
        )
