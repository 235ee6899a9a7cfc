"""Authority is what it is now: a changed account, with everything open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest
import pytest_asyncio

from tests.support.client import (
    LEGACY,
    MONITOR,
    PASSWORD,
    SYNC,
    Client,
    Device,
    Json,
    log_in,
    refused_handshake,
    sign_up,
    sign_up_admin,
)
from tests.support.node import Node


@pytest_asyncio.fixture(scope="module")
async def boss(http: httpx.AsyncClient, node: Node) -> AsyncIterator[Client]:
    """An operator who stays one."""
    yield await sign_up_admin(http, node)


async def administer(boss: Client, call: str, user: Client, **fields: object) -> Json:
    return await boss.ok("POST", f"/api/admin/users/{call}", {"user_id": user.user_id, **fields})


async def refreshed(client: Client) -> httpx.Response:
    body = {"refresh_token": client.refresh_token}
    return await client.http.post("/api/auth/refresh", json=body)


async def code_of(client: Client, path: str = "/api/auth/me") -> str:
    response = await client.call("GET", path)
    return str(response.json().get("code", response.status_code))


async def open_all(stack: AsyncExitStack, client: Client, *paths: str) -> list[Device]:
    return [await stack.enter_async_context(client.device(path)) for path in paths]


@pytest.mark.parametrize("how", ["block", "delete"])
async def test_ended_account(http: httpx.AsyncClient, node: Node, boss: Client, how: str) -> None:
    """REST calls, sockets and tokens of all logins end; another user notices nothing."""
    operator, other = await sign_up_admin(http, node), await sign_up(http, node)
    second = await log_in(http, node, operator.site_id, PASSWORD)
    async with AsyncExitStack() as stack:
        mine = await open_all(stack, operator, SYNC, LEGACY, MONITOR)
        mine += await open_all(stack, second, SYNC)
        [others] = await open_all(stack, other, SYNC)
        await administer(boss, how, operator)
        assert await asyncio.gather(*(device.close_code() for device in mine)) == [4401] * 4
        await others.socket.send("ping")
        await others.until("pong")
    for client in (operator, second):
        assert await code_of(client) == "token_revoked"
        assert await refused_handshake(client) == 401
        answer = await refreshed(client)
        assert answer.json()["code"] == (
            "account_blocked" if how == "block" else "refresh_token_invalid"
        )
    body = {"site_id": operator.site_id, "password": PASSWORD}
    answer = await http.post("/api/auth/login", json=body)
    expected = (403, "account_blocked") if how == "block" else (401, "invalid_credentials")
    assert (answer.status_code, answer.json()["code"]) == expected


async def test_demoted_operator(http: httpx.AsyncClient, node: Node, boss: Client) -> None:
    """The monitor is closed for good; the player's own socket refreshes and returns."""
    operator = await sign_up_admin(http, node)
    async with AsyncExitStack() as stack:
        sync, monitor = await open_all(stack, operator, SYNC, MONITOR)
        await administer(boss, "role", operator, role="player")
        assert (await sync.close_code(), await monitor.close_code()) == (3005, 4403)
    assert await code_of(operator) == "token_outdated"
    answer = (await refreshed(operator)).json()
    operator.access_token = answer["access_token"]
    assert answer["user"]["role"] == "player"
    assert await code_of(operator) == "200"
    async with AsyncExitStack() as stack:
        [sync] = await open_all(stack, operator, SYNC)
        await sync.until("initial_state")
    assert await refused_handshake(operator, MONITOR) == 403
    refused = await operator.call("POST", "/api/admin/announce", {"message": "hello"})
    assert (refused.status_code, refused.json()["code"]) == (403, "admin_only")


async def test_promoted_player(http: httpx.AsyncClient, node: Node, boss: Client) -> None:
    """After a refresh the monitor opens."""
    player = await sign_up(http, node)
    await administer(boss, "role", player, role="admin")
    player.access_token = (await refreshed(player)).json()["access_token"]
    async with player.device(MONITOR) as monitor:
        assert (await monitor.next())["type"] == "monitor_snapshot"


async def test_logout_everywhere_ends_every_token(http: httpx.AsyncClient, node: Node) -> None:
    """The version of the account changes, and the next sign-in has the new one."""
    player = await sign_up(http, node)
    await player.ok("POST", "/api/auth/logout", {"everywhere": True})
    assert await code_of(player) == "token_revoked"
    again = await log_in(http, node, player.site_id, PASSWORD)
    assert await code_of(again) == "200"


async def test_thief_and_owner_over_the_wire(http: httpx.AsyncClient, node: Node) -> None:
    """A thief who rotates twice; then the owner's token ends the login, sockets included."""
    player = await sign_up(http, node)

    async def refresh(token: str) -> httpx.Response:
        return await http.post("/api/auth/refresh", json={"refresh_token": token})

    stolen = (await refresh((await refresh(player.refresh_token)).json()["refresh_token"])).json()
    player_device = player.device()
    async with player_device as device:
        await device.until("initial_state")
        assert (await refresh(player.refresh_token)).json()["code"] == "refresh_token_reused"
        assert await device.close_code() == 4401
    refused = await refresh(stolen["refresh_token"])
    assert refused.json()["code"] == "refresh_token_invalid"
    thief = Client(
        http, node.ws_url, player.user_id, "", stolen["access_token"], stolen["refresh_token"]
    )
    assert await code_of(thief) == "token_revoked"


async def test_two_tabs_over_the_wire(http: httpx.AsyncClient, node: Node) -> None:
    """Ten refreshes at once all get the same refresh token."""
    player = await sign_up(http, node)
    answers = await asyncio.gather(*(refreshed(player) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
