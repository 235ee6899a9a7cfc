"""Show a notice to everybody who is connected."""

import logging
from uuid import UUID

from attrs import frozen

from application.cluster.messages import NoticeSent
from application.frames.control_frames import Notice
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.ids import Ids
from application.ports.tokens import Caller
from domain.broadcaster import Broadcaster
from domain.constraints import LongText
from domain.notice import NoticeLevel, check_link, check_message

logger = logging.getLogger("synchub.operators")


@frozen(kw_only=True)
class SendNoticeCommand:
    message: LongText
    level: NoticeLevel = NoticeLevel.INFO
    link: LongText | None = None


@frozen(kw_only=True)
class SendNoticeResult:
    """The `id` that the frames carry."""

    id: UUID
    success: bool = True


@frozen
class SendNotice:
    """Show a message on every device and monitor of all nodes. For operators.

    - A notice is for the moment and in no journal: a client that is away, or too slow to be pushed
      to, never sees it. So there is nothing that an Idempotency-Key could be stored with, either.
    - The message can be shown on one line; a link leads to a page of the web.
    """

    _broadcaster: Broadcaster
    _codec: Codec
    _clock: Clock
    _ids: Ids

    async def execute(self, operator: Caller, command: SendNoticeCommand) -> SendNoticeResult:
        """Publish the notice to all nodes."""
        notice = Notice(
            id=self._ids.event_id(),
            message=check_message(command.message),
            level=command.level,
            link=check_link(command.link),
            ts=self._clock.now(),
        )
        self._broadcaster.publish(NoticeSent(str(notice.id), self._codec.control(notice)))
        logger.info("an operator sent a notice", extra={"operator": operator.user_id})
        return SendNoticeResult(id=notice.id)
