"""Tell everybody who is connected."""

from uuid import UUID

from attrs import frozen

from application.cluster.messages import pack_notice
from application.frames.control_frames import Notice
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.ids import Ids
from domain.broadcaster import Broadcaster
from domain.notice import NoticeLevel, check_link, check_message


@frozen(kw_only=True)
class SendNoticeCommand:
    message: str
    level: NoticeLevel = NoticeLevel.INFO
    link: str | None = None


@frozen(kw_only=True)
class SendNoticeResult:
    """The `id` that the frames carry."""

    id: UUID
    success: bool = True


@frozen
class SendNotice:
    """Show a message on every device and monitor of all nodes. For operators.

    - It is for the moment and in no journal: who is away, or too slow to be pushed to, never
      sees it. So there is nothing that an Idempotency-Key could be stored with, either.
    - The message can be shown in a line; a link leads to a page of the web.
    """

    _broadcaster: Broadcaster
    _codec: Codec
    _clock: Clock
    _ids: Ids

    async def execute(self, command: SendNoticeCommand) -> SendNoticeResult:
        announcement = Notice(
            id=self._ids.event_id(),
            message=check_message(command.message),
            level=command.level,
            link=check_link(command.link),
            ts=self._clock.now(),
        )
        frame = self._codec.control(announcement)
        self._broadcaster.publish(pack_notice(announcement.id, frame))
        return SendNoticeResult(id=announcement.id)
