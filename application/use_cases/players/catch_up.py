"""Read what a device has missed, without a socket."""

from collections.abc import Sequence

from attrs import frozen

from application.frames.control_frames import InitialState, NotRecovered
from application.frames.position import Position
from application.ports.codec import Codec
from application.ports.storage.unit_of_work import UnitOfWork
from application.sync.recovery import PageRequest

MAX_BYTES = 256 * 1024
"""Of envelopes in one answer, about."""


@frozen(kw_only=True)
class CaughtUp:
    """Frames as a socket would bring them. `position` is where the device is with them; `more`
    tells that it is not at the head yet."""

    position: Position
    recovered: bool
    reason: NotRecovered | None
    more: bool
    frames: Sequence[bytes]


@frozen
class CatchUp:
    """For devices whose network breaks sockets: ask again and again from the last position.

    - The same pages that a session reads: the missing events, or a reason and a fresh
      `initial_state`, never a part of both.
    """

    _unit_of_work: UnitOfWork
    _codec: Codec

    async def execute(self, user_id: int, since: Position | None) -> CaughtUp:
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
