"""Tell everybody who is connected."""

from uuid import UUID

from attrs import frozen

from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.ids import Ids
from application.realtime.control import Announcement
from application.realtime.messages import pack_announcement
from domain.announcement import Level, check_link, check_message
from domain.broadcaster import Broadcaster


@frozen(kw_only=True)
class AnnounceCommand:
    message: str
    level: Level = Level.INFO
    link: str | None = None


@frozen(kw_only=True)
class AnnounceResult:
    """The `id` that the frames carry."""

    id: UUID
    success: bool = True


@frozen
class Announce:
    """Show a message on every device and monitor of all nodes. For operators.

    - It is for the moment and in no journal: who is away, or too slow to be pushed to, never
      sees it. So there is nothing that an Idempotency-Key could be stored with, either.
    - The message can be shown in a line; a link leads to a page of the web.
    """

    _broadcaster: Broadcaster
    _codec: Codec
    _clock: Clock
    _ids: Ids

    async def execute(self, command: AnnounceCommand) -> AnnounceResult:
        announcement = Announcement(
            id=self._ids.event_id(),
            message=check_message(command.message),
            level=command.level,
            link=check_link(command.link),
            ts=self._clock.now(),
        )
        frame = self._codec.control(announcement)
        self._broadcaster.publish(pack_announcement(announcement.id, frame))
        return AnnounceResult(id=announcement.id)
