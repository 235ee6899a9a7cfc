"""How Server-Sent Events and polling are admitted: the ways to carry a token, and origins."""

import pytest

from tests.support.bad_tokens import mint
from tests.support.carriages import new_ticket
from tests.support.client import PASSWORD, Client, log_in
from tests.support.endpoints import assert_problem
from tests.support.event_stream import STREAM, event_stream
from tests.support.node import Node

LISTED = "http://localhost:3000"
each_read = pytest.mark.parametrize("name", ["state", "events", "stream"])


@each_read
@pytest.mark.parametrize(
    "origins", [["https://evil.example"], ["null"], [LISTED, "https://evil.example"]]
)
async def test_pages_of_other_origins_are_refused(
    victim: Client, name: str, origins: list[str]
) -> None:
    """Whatever token they have."""
    headers = [("Origin", origin) for origin in origins]
    headers.append(("Authorization", f"Bearer {victim.access_token}"))
    response = await victim.http.get(f"/api/realtime/{name}", headers=headers)
    assert_problem(response, 403, "origin_not_allowed")


@pytest.mark.parametrize("name", ["state", "events"])
async def test_listed_and_own_pages_are_not(node: Node, victim: Client, name: str) -> None:
    """Nor is anything that sends no origin."""
    for origin in (LISTED, node.url):
        headers = {"Authorization": f"Bearer {victim.access_token}", "Origin": origin}
        response = await victim.http.get(f"/api/realtime/{name}", headers=headers)
        assert response.status_code == 200
    await victim.ok("GET", f"/api/realtime/{name}")


async def test_a_stream_by_ticket(victim: Client) -> None:
    """An EventSource, which cannot send headers, connects once with a ticket."""
    path = f"{STREAM}?ticket={await new_ticket(victim, 'stream')}"
    async with event_stream(victim, path, token="") as stream:
        assert (await stream.next()).frame["user_id"] == victim.user_id
    assert_problem(await victim.http.get(path), 401, "ticket_invalid")


@each_read
async def test_no_ticket_of_a_socket(victim: Client, name: str) -> None:
    """A ticket for another endpoint is refused."""
    ticket = await new_ticket(victim, "sync")
    response = await victim.http.get(f"/api/realtime/{name}?ticket={ticket}")
    assert_problem(response, 401, "ticket_invalid")


async def test_no_ticket_without_a_token_in_the_header(node: Node, player: Client) -> None:
    """Neither a token in the query nor another ticket gets one."""
    ticket = await new_ticket(player)
    for query in ({}, {"token": player.access_token}, {"ticket": ticket}):
        response = await player.http.post("/api/realtime/ticket", params=query, json={})
        assert_problem(response, 401, "token_missing")


async def test_no_ticket_for_bad_tokens(node: Node, player: Client) -> None:
    """Expired and revoked tokens get none."""
    other = await log_in(player.http, node, player.site_id, PASSWORD)
    await other.ok("POST", "/api/auth/logout", {})
    expired = mint(player, exp=0, iat=0)
    for token, code in ((expired, "token_expired"), (other.access_token, "token_revoked")):
        response = await player.http.post(
            "/api/realtime/ticket", json={}, headers={"Authorization": f"Bearer {token}"}
        )
        assert_problem(response, 401, code)
