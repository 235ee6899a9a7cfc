"""TicketStore."""

import asyncio
from datetime import timedelta

import pytest
from attrs import evolve

from application.ports.storage.tickets import Ticket
from application.ports.storage.unit_of_work import Work
from tests.support.storage import NOW, Storage

SECOND = timedelta(seconds=1)


def a_ticket(digest: str, origin: str | None = None) -> Ticket:
    return Ticket(
        digest=digest, caller=b'{"user_id": 1}', endpoint="sync", origin=origin, expires_at=NOW
    )


def adding(ticket: Ticket) -> Work[None]:
    return lambda stores: stores.tickets.add(ticket)


def taking(digest: str) -> Work[Ticket | None]:
    return lambda stores: stores.tickets.take(digest)


def looking_for(digest: str) -> Work[bool]:
    return lambda stores: stores.tickets.exists(digest)


@pytest.mark.parametrize("origin", [None, "https://play.example"])
async def test_a_ticket_is_taken_as_it_was_added(storage: Storage, origin: str | None) -> None:
    """Once; then it does not exist any more."""
    ticket = a_ticket(f"taken from {origin}", origin)
    assert await storage.read(looking_for(ticket.digest)) is False
    await storage.write(adding(ticket))
    await storage.write(adding(a_ticket(f"another than {origin}")))
    assert await storage.read(looking_for(ticket.digest)) is True
    assert await storage.write(taking(ticket.digest)) == ticket
    assert await storage.read(looking_for(ticket.digest)) is False
    assert await storage.write(taking(ticket.digest)) is None
    assert await storage.read(looking_for(f"another than {origin}")) is True


async def test_one_of_many_takes_a_ticket(storage: Storage) -> None:
    """However many try at once."""
    await storage.write(adding(a_ticket("wanted")))
    taken = await asyncio.gather(*(storage.write(taking("wanted")) for _ in range(10)))
    assert [ticket for ticket in taken if ticket is not None] == [a_ticket("wanted")]


async def test_expired_tickets_are_deleted(storage: Storage) -> None:
    """Those that expire at the moment or later stay."""
    await storage.write(lambda stores: stores.tickets.delete_expired(NOW + SECOND))
    for seconds in (-2, -1, 0, 1):
        ticket = evolve(a_ticket(f"old {seconds}"), expires_at=NOW + seconds * SECOND)
        await storage.write(adding(ticket))
    assert await storage.write(lambda stores: stores.tickets.delete_expired(NOW)) == 2
    assert [await storage.read(looking_for(f"old {n}")) for n in (-2, -1, 0, 1)] == [
        False, False, True, True,
    ]  # fmt: skip
