"""Sign-up, login, refresh and logout, and access without them (promise 7)."""

import asyncio
from pathlib import Path

import httpx
import pytest
from attrs import evolve
from websockets.exceptions import InvalidStatus

from tests.support.client import LEGACY, MONITOR, PASSWORD, SYNC, Client, http_client, sign_up
from tests.support.contract import check_frame
from tests.support.node import Node, node_settings, running_node


async def _post(http: httpx.AsyncClient, path: str, body: object) -> httpx.Response:
    return await http.post(f"/api/auth/{path}", json=body)


async def test_login_answers_like_signup(http: httpx.AsyncClient, player: Client) -> None:
    """The answer has the same members and the same user; the case of the site id is ignored."""
    body = {"site_id": player.site_id.upper(), "password": PASSWORD}
    answer = (await _post(http, "login", body)).json()
    assert answer["user"]["id"] == player.user_id
    assert answer["token_type"] == "bearer"
    assert {"access_token", "refresh_token", "expires_in"} <= answer.keys()
    me = await player.ok("GET", "/api/auth/me")
    assert (me["gold"], me["exp"], me["tier"], me["total_spent"]) == (1000, 0, "bronze", 0)


@pytest.mark.parametrize("site_id", ["nobody-at-all", None], ids=["unknown", "wrong password"])
async def test_wrong_credentials_look_the_same(
    http: httpx.AsyncClient, player: Client, site_id: str | None
) -> None:
    """The answer does not show which accounts exist."""
    body = {"site_id": site_id or player.site_id, "password": "wrong-password"}
    refused = await _post(http, "login", body)
    assert (refused.status_code, refused.json()["code"]) == (401, "invalid_credentials")


async def test_a_site_id_is_taken_whatever_its_case(
    http: httpx.AsyncClient, player: Client
) -> None:
    """Of concurrent sign-ups with one name, one succeeds."""
    body = {"site_id": player.site_id.upper(), "nickname": "Other", "password": PASSWORD}
    refused = await _post(http, "signup", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "site_id_taken")
    fresh = {**body, "site_id": f"{player.site_id}-twin"}
    answers = await asyncio.gather(*(_post(http, "signup", fresh) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]


async def test_refresh_rotates(http: httpx.AsyncClient, player: Client) -> None:
    """The new tokens work, and a repeated call gets the same refresh token."""
    body = {"refresh_token": player.refresh_token}
    first = (await _post(http, "refresh", body)).json()
    again = (await _post(http, "refresh", body)).json()
    for answer in (first, again):
        renewed = evolve(player, access_token=answer["access_token"])
        assert (await renewed.ok("GET", "/api/auth/me"))["id"] == player.user_id
    assert first["refresh_token"] == again["refresh_token"] != player.refresh_token


async def test_logout_ends_tokens_and_sockets(http: httpx.AsyncClient, player: Client) -> None:
    """Tokens and sockets of this login end; those of another login stay."""
    body = {"site_id": player.site_id, "password": PASSWORD}
    other_login = (await _post(http, "login", body)).json()
    other = evolve(player, access_token=other_login["access_token"])
    async with player.device() as mine, other.device() as others:
        await mine.until("initial_state")
        await player.ok("POST", "/api/auth/logout", {})
        assert await mine.close_code() == 4401
        refused = await player.call("GET", "/api/auth/me")
        assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
        refreshed = await _post(http, "refresh", {"refresh_token": player.refresh_token})
        assert refreshed.status_code == 401
        await others.socket.send("ping")
        await others.until("pong")
        await other.ok("POST", "/api/auth/logout", {"everywhere": True})
        assert await others.close_code() == 4401


@pytest.mark.parametrize("path", [SYNC, LEGACY, MONITOR])
async def test_no_socket_without_a_token(http: httpx.AsyncClient, node: Node, path: str) -> None:
    """The handshake is refused with 401."""
    nobody = Client(http, node.ws_url, 0, "", "", "")
    with pytest.raises(InvalidStatus, match="401"):
        await nobody.device(path).__aenter__()


async def test_monitor_is_for_admins(player: Client, admin: Client) -> None:
    """A player is refused with 403, an operator gets the snapshot."""
    with pytest.raises(InvalidStatus, match="403"):
        await player.device(MONITOR).__aenter__()
    async with admin.device(MONITOR) as device:
        assert (await device.next())["type"] == "monitor_snapshot"


async def test_a_socket_ends_with_its_token(tmp_path: Path) -> None:
    """It is told in time, and closed with 3005; a handshake with that token is refused."""
    settings = node_settings(tmp_path, access_token_s=5)
    async with running_node(settings) as node, http_client(node) as http:
        player = await sign_up(http, node)
        async with player.device() as device:
            expiring = await device.until("token_expiring")
            check_frame("sync", expiring)
            assert expiring["token_expires_at"] == device.frames[0]["token_expires_at"]
            assert await device.close_code(timeout_s=15) == 3005
        with pytest.raises(InvalidStatus, match="401"):
            await player.device().__aenter__()
        refused = await player.call("GET", "/api/auth/me")
        assert (refused.status_code, refused.json()["code"]) == (401, "token_expired")
