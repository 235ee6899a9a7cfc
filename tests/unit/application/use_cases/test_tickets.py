"""Tickets: issued, redeemed once on any node, purged."""

from datetime import timedelta

import pytest
from attrs import evolve

from application.identity.refresh_tokens import digest
from application.ports.tokens import Caller
from application.use_cases.accounts.issue_ticket import (
    LIFETIME,
    IssuedTicket,
    IssueTicketCommand,
    TicketEndpoint,
)
from domain.account import Role
from domain.errors import Unauthenticated
from tests.support.stage import Stage
from tests.support.stepping import finish

SECOND = timedelta(seconds=1)


def issue(stage: Stage, caller: Caller, origin: str | None = None) -> IssuedTicket:
    command = IssueTicketCommand(endpoint=TicketEndpoint.MONITOR)
    return finish(stage.world.container.issue_ticket().execute(caller, origin, command))


def redeem(
    stage: Stage, ticket: str, endpoint: str = "monitor", origin: str | None = None
) -> Caller:
    return finish(stage.world.container.redeem_ticket().execute(ticket, endpoint, origin))


def test_a_ticket_brings_back_the_whole_caller(stage: Stage) -> None:
    """User, login, role, the expiry of the token, and whatever else a caller has."""
    caller = stage.world.caller(stage.ada, Role.ADMIN, "a login")
    issued = issue(stage, caller)
    assert (issued.expires_in, len(issued.ticket) >= 32) == (30, True)
    assert redeem(stage, issued.ticket) == caller


def test_a_ticket_lives_for_thirty_seconds(stage: Stage) -> None:
    """It is refused from its last moment on."""
    caller = stage.world.caller(stage.ada)
    early, late = issue(stage, caller), issue(stage, caller)
    stage.world.clock.advance(29.999)
    assert redeem(stage, early.ticket) == caller
    stage.world.clock.advance(0.001)
    with pytest.raises(Unauthenticated) as refused:
        redeem(stage, late.ticket)
    assert refused.value.error_code == "ticket_invalid"


def test_a_ticket_does_not_outlive_its_token(stage: Stage) -> None:
    """A token with a second left gives a ticket for a second."""
    caller = evolve(stage.world.caller(stage.ada), expires_at=stage.world.clock.now() + SECOND)
    issued = issue(stage, caller)
    stage.world.clock.advance(1)
    with pytest.raises(Unauthenticated):
        redeem(stage, issued.ticket)


def test_only_the_digest_is_stored(stage: Stage) -> None:
    """Who reads the database finds nothing that could be redeemed."""
    issued = issue(stage, stage.world.caller(stage.ada))
    stored = digest(issued.ticket)
    assert stage.world.database.now(lambda stores: stores.tickets.exists(stored))
    assert not stage.world.database.now(lambda stores: stores.tickets.exists(issued.ticket))


def test_expired_tickets_are_purged(stage: Stage) -> None:
    """Those that can still be used stay."""
    purge = stage.world.container.ticket_purge()
    caller = stage.world.caller(stage.ada)
    issue(stage, caller)
    stage.world.clock.advance(LIFETIME.total_seconds() / 2)
    later = issue(stage, caller)
    assert finish(purge.execute()) == 0
    stage.world.clock.advance(LIFETIME.total_seconds() / 2 + 0.001)
    assert finish(purge.execute()) == 1
    assert redeem(stage, later.ticket) == caller
