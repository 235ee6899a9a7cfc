"""Send a notice to all connected clients."""

import logging
from uuid import UUID

from attrs import frozen

from application.cluster.messages import NoticeSent
from application.frames.control_frames import Notice
from application.identity.authenticator import require_operator
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.ids import Ids
from application.ports.storage.idempotency import StoredResult
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from application.transactions.command import Command
from application.transactions.player_transactions import key_reused
from domain.broadcaster import Broadcaster
from domain.constraints import LongText
from domain.notice import NoticeLevel, check_link, check_message

logger = logging.getLogger("synchub.operators")


@frozen(kw_only=True)
class SendNoticeCommand(Command):
    """The text, its level, and an https link to a page with details."""

    message: LongText
    level: NoticeLevel = NoticeLevel.INFO
    link: LongText | None = None


@frozen(kw_only=True)
class SendNoticeResult:
    """`id` is the id in the `announcement` frames."""

    id: UUID
    success: bool = True


@frozen
class SendNotice:
    """Show a message on all devices and monitors of all nodes. Only for operators.

    - Notices are not journaled: a client that is not connected, or too slow to be pushed to, does
      not receive them.
    - A repeated request (same Idempotency-Key) sends nothing and returns the first result. The key
      is stored before the notice is sent, so it is sent at most once.
    - The caller must be an operator now, whatever the token says.
    - The message has no line breaks; a link is an https URL.
    """

    _unit_of_work: UnitOfWork
    _broadcaster: Broadcaster
    _codec: Codec
    _clock: Clock
    _ids: Ids

    async def execute(
        self, operator: Caller, command: SendNoticeCommand, key: str | None = None
    ) -> SendNoticeResult:
        """Publish the notice to all nodes. InvalidInput if the message or the link is invalid, or
        if the Idempotency-Key was used for another command; Forbidden (`admin_only`)."""
        notice = Notice(
            id=self._ids.event_id(),
            message=check_message(command.message),
            level=command.level,
            link=check_link(command.link),
            ts=self._clock.now(),
        )
        result = SendNoticeResult(id=notice.id)
        if key is None:
            await self._unit_of_work.read(lambda stores: require_operator(stores, operator))
        else:
            first = await self._unit_of_work.write(
                lambda stores: self._first_result(stores, operator, command, key, result)
            )
            if first is not None:
                return first
        self._broadcaster.publish(NoticeSent(str(notice.id), self._codec.control(notice)))
        logger.info("an operator sent a notice", extra={"operator": operator.user_id})
        return result

    def _first_result(
        self,
        stores: Stores,
        operator: Caller,
        command: SendNoticeCommand,
        key: str,
        result: SendNoticeResult,
    ) -> SendNoticeResult | None:
        """The result of the first request with this key; None if this is the first."""
        require_operator(stores, operator)
        stores.players.lock(operator.user_id)
        stored = stores.idempotency.find(operator.user_id, key)
        if stored is None:
            stored = StoredResult(command.fingerprint, self._codec.dump(result))
            stores.idempotency.save(operator.user_id, key, stored, self._clock.now())
            return None
        if stored.fingerprint != command.fingerprint:
            raise key_reused()
        return self._codec.load(stored.result, SendNoticeResult)
