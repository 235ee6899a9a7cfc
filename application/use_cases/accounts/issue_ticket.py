"""Issue a ticket: what a browser puts into the address of a connection instead of its token."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from attrs import frozen

from application.identity.refresh_tokens import digest
from application.ports.clock import Clock
from application.ports.codec import Codec
from application.ports.ids import Ids
from application.ports.storage.tickets import Ticket
from application.ports.storage.unit_of_work import UnitOfWork
from application.ports.tokens import Caller
from domain.constraints import Description

LIFETIME = timedelta(seconds=30)
"""Long enough to open a connection on a bad network, too short for what is found in a log."""


class TicketEndpoint(StrEnum):
    """The endpoints that tickets are for: those at which browsers cannot set headers."""

    SYNC = "sync"
    LEGACY = "legacy"
    MONITOR = "monitor"
    STREAM = "stream"


@frozen(kw_only=True)
class IssueTicketCommand:
    """`endpoint`: where the ticket will be used."""

    endpoint: Annotated[TicketEndpoint, Description("Where the ticket will be used.")] = (
        TicketEndpoint.SYNC
    )


@frozen(kw_only=True)
class IssuedTicket:
    """Connect with `?ticket=<ticket>` within `expires_in` seconds."""

    ticket: Annotated[str, Description("The ticket, for `?ticket=`.")]
    expires_in: Annotated[int, Description("Its life, in seconds.")]


@frozen
class IssueTicket:
    """Issue a ticket for one connection.

    - It is bound to the caller (user and login), the endpoint, and the origin of the page.
    - It lives for 30 seconds, and no longer than the access token.
    - It can be used once in the whole cluster (`redeem_ticket`), so it is stored, as a digest.
    """

    _unit_of_work: UnitOfWork
    _codec: Codec
    _clock: Clock
    _ids: Ids

    async def execute(
        self, caller: Caller, origin: str | None, command: IssueTicketCommand
    ) -> IssuedTicket:
        """Store a new ticket. `origin` is that of the page, None for our own and for others than
        browsers."""
        secret = self._ids.secret()
        ticket = Ticket(
            digest=digest(secret),
            caller=self._codec.dump(caller),
            endpoint=command.endpoint,
            origin=origin,
            expires_at=min(self._clock.now() + LIFETIME, caller.expires_at),
        )
        await self._unit_of_work.write(lambda stores: stores.tickets.add(ticket))
        return IssuedTicket(ticket=secret, expires_in=int(LIFETIME.total_seconds()))
