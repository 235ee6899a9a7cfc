"""Redeem a ticket: the caller behind it, once."""

import logging

from attrs import frozen

from application.identity.authenticator import Authenticator
from application.identity.refresh_tokens import digest
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.storage.tickets import Ticket
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.telemetry import Counted, Telemetry
from application.ports.tokens import Caller
from domain.errors import Unauthenticated

logger = logging.getLogger("synchub.sign_in")


@frozen
class RedeemTicket:
    """Exchange a ticket for the caller who got it.

    - A ticket that exists is used up by any attempt, also by one that is refused: who presents it
      elsewhere has found it somewhere.
    - Refused with one code for every reason; the reason is logged and counted.
    - The login must not have been revoked since.
    """

    _unit_of_work: UnitOfWork
    _codec: Codec
    _clock: Clock
    _authenticator: Authenticator
    _telemetry: Telemetry

    async def execute(self, secret: str, endpoint: str, origin: str | None) -> Caller:
        """The caller. Unauthenticated (`ticket_invalid`) if the ticket is unknown, used, expired,
        or bound to another endpoint or origin; `token_revoked` if its login has ended."""
        ticket = await self._take(digest(secret))
        if ticket is None:
            raise self._refused("unknown_or_used")
        if ticket.expires_at <= self._clock.now():
            raise self._refused("expired")
        if ticket.endpoint != endpoint:
            raise self._refused("other_endpoint")
        if ticket.origin != origin:
            raise self._refused("other_origin")
        return self._authenticator.check(self._codec.load(ticket.caller, Caller))

    async def _take(self, wanted: str) -> Ticket | None:
        # Anybody may send anything as a ticket: only those that exist cost a write.
        if not await self._unit_of_work.read(lambda stores: stores.tickets.exists(wanted)):
            return None
        return await self._unit_of_work.write(lambda stores: stores.tickets.take(wanted))

    def _refused(self, reason: str) -> Unauthenticated:
        self._telemetry.count(Counted.REFUSED_TICKETS, reason)
        logger.info("a ticket was refused", extra={"reason": reason})
        return Unauthenticated("the ticket is not valid", code="ticket_invalid")
