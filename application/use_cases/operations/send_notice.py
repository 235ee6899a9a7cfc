"""Send a notice to all connected clients."""

import logging
from typing import Annotated
from uuid import UUID

from attrs import frozen

from application.cluster.messages import NoticeSent
from application.frames.control_frames import Notice
from application.identity.authenticator import require_operator
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.ids import Ids
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from domain.broadcaster import Broadcaster
from domain.constraints import Description, LongText
from domain.notice import NoticeLevel, check_link, check_message

logger = logging.getLogger("synchub.operators")


@frozen(kw_only=True)
class SendNoticeCommand:
    """The text, its level, and an https link to a page with details."""

    message: Annotated[
        LongText, Description("The text: printable characters, without line breaks.")
    ]
    level: Annotated[NoticeLevel, Description("How front ends display it.")] = NoticeLevel.INFO
    link: Annotated[LongText | None, Description("An https address of a page with details.")] = None


@frozen(kw_only=True)
class SendNoticeResult:
    """`id` is the id in the `announcement` frames."""

    id: Annotated[UUID, Description("The id of the notice, which is in the frames `announcement`.")]
    success: Annotated[bool, Description("Always true.")] = True


@frozen
class SendNotice:
    """Show a message on all devices and monitors of all nodes. Only for operators.

    - Notices are not journaled: a client that is not connected, or too slow to be pushed to, does
      not receive them. There is no transaction either, so Idempotency-Key is not supported.
    - The caller must be an operator now, whatever the token says.
    - The message has no line breaks; a link is an https URL.
    """

    _unit_of_work: UnitOfWork
    _broadcaster: Broadcaster
    _codec: Codec
    _clock: Clock
    _ids: Ids

    async def execute(self, operator: Caller, command: SendNoticeCommand) -> SendNoticeResult:
        """Publish the notice to all nodes. InvalidInput if the message or the link is invalid,
        Forbidden (`admin_only`)."""
        notice = Notice(
            id=self._ids.event_id(),
            message=check_message(command.message),
            level=command.level,
            link=check_link(command.link),
            ts=self._clock.now(),
        )
        await self._unit_of_work.read(lambda stores: require_operator(stores, operator))
        self._broadcaster.publish(NoticeSent(str(notice.id), self._codec.control(notice)))
        logger.info("an operator sent a notice", extra={"operator": operator.user_id})
        return SendNoticeResult(id=notice.id)
