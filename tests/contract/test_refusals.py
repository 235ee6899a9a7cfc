"""Refusals over real sockets: requests that two readers may understand differently, and what
belongs to another player."""

import asyncio
import itertools
from contextlib import suppress

import httpx
import pytest

from tests.support.client import Client
from tests.support.endpoints import PROTECTED, WITH_BODY, Call, assert_problem, nothing_changes
from tests.support.node import Node
from tests.support.smuggling import AMBIGUOUS, CLEAR, OTHER_VERSIONS

TIMEOUT_S = 20.0
LAST = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
_addresses = (f"127.8.{high}.{low}" for high in range(1, 255) for low in range(1, 255))


async def answers(node: Node, sent: bytes) -> list[int]:
    """The statuses of everything that is answered until the connection is closed, which the last
    request asks for."""
    port = int(node.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, local_addr=(next(_addresses), 0)
    )
    writer.write(sent + LAST)
    received = b""
    with suppress(ConnectionResetError):
        async with asyncio.timeout(TIMEOUT_S):
            while data := await reader.read(65_536):
                received += data
    writer.close()
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
async def test_an_ambiguous_request_is_refused(node: Node, sent: bytes) -> None:
    """It gets one 4xx or nothing, and what hides in it is not served."""
    statuses = await answers(node, sent)
    assert len(statuses) <= 1
    assert all(400 <= status < 500 for status in statuses)


@pytest.mark.parametrize("sent", OTHER_VERSIONS.values(), ids=OTHER_VERSIONS)
async def test_another_version_ends_the_connection(node: Node, sent: bytes) -> None:
    """What hides behind it is not served."""
    assert len(await answers(node, sent)) <= 1


@pytest.mark.parametrize("sent", CLEAR.values(), ids=CLEAR)
async def test_a_clear_request_is_answered(node: Node, sent: bytes) -> None:
    """One answer for each request on the connection."""
    assert await answers(node, sent + sent) == [422, 422, 404]


TOLERANT = {endpoint.path for endpoint in WITH_BODY if endpoint.tolerant}
NAMES = ("user_id", "userId", "caller", "actor", "sub", "player_id", "account_id", "id")


@pytest.mark.parametrize(
    "call", PROTECTED, ids=[f"{method} {path}" for method, path, _ in PROTECTED]
)
async def test_another_users_id_means_nothing(victim: Client, player: Client, call: Call) -> None:
    """In the query, in headers and in cookies it is ignored; in a body it is refused, or ignored by
    the calls that tolerate unknown fields."""
    method, path, body = call
    if path.endswith(("/stream", "/logout")) or path.startswith("/api/admin"):
        return
    query = "&".join(f"{name}={victim.user_id}" for name in NAMES)
    headers = {
        "Authorization": f"Bearer {player.access_token}",
        "Cookie": "; ".join(f"{name}={victim.user_id}" for name in NAMES),
        **{f"X-{name.replace('_', '-')}": str(victim.user_id) for name in NAMES},
        "X-Forwarded-User": victim.site_id,
        "X-Original-URL": "/api/admin/announce",
    }
    async with nothing_changes(victim):
        response = await player.http.request(method, f"{path}?{query}", json=body, headers=headers)
        assert response.status_code < 500
        assert victim.site_id not in response.text
        for name in NAMES if body is not None else ():
            changed = {**body, name: victim.user_id} if body is not None else None
            answer = await player.call(method, path, changed)
            if path in TOLERANT:
                assert answer.status_code in (200, 404, 409), answer.text
            else:
                assert_problem(answer, 422, "invalid_input")


async def test_another_users_round(victim: Client, player: Client) -> None:
    """A round can be cashed out by its player only."""
    opened = await victim.ok("POST", "/api/games/crash/bet", {"bet_amount": 1})
    cash_out = {"round_id": opened["round_id"]}
    async with nothing_changes(victim):
        response = await player.call("POST", "/api/games/crash/cashout", cash_out)
        assert_problem(response, 404, "unknown_round")


async def test_another_users_idempotency_key(victim: Client, player: Client) -> None:
    """The same key of another player is another key: nothing of the first result is shown."""
    first = await victim.ok("POST", "/api/games/slot/spin", {"bet_amount": 2}, key="shared")
    other = await player.ok("POST", "/api/games/slot/spin", {"bet_amount": 1}, key="shared")
    mine = {event["id"] for event in first["events"]}
    assert mine.isdisjoint(event["id"] for event in other["events"])


async def test_another_users_position(victim: Client, player: Client) -> None:
    """It is a number only: what follows it are the caller's own events."""
    await victim.spin()
    position = (await victim.ok("GET", "/api/realtime/state"))["position"]
    epoch = position.partition(":")[0]
    answer = await player.ok("GET", f"/api/realtime/events?since={epoch}:0")
    assert victim.user_id not in {frame.get("user_id") for frame in answer.get("frames", [])}
    assert victim.site_id not in str(answer)


async def test_another_users_refresh_token_ends_nothing(
    http: httpx.AsyncClient, victim: Client, player: Client
) -> None:
    """A refresh token in the wrong place is no access token, and an access token refreshes
    nothing."""
    for token in itertools.chain((victim.refresh_token, player.refresh_token)):
        response = await http.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert_problem(response, 401, "token_invalid")
