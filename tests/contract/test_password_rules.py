"""Changing passwords, delays after failures, and passwords that are refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from dependency_injector import providers

from adapters.outbound.security.argon2_passwords import Argon2Passwords
from application.use_cases.accounts.sign_up import SignUpCommand, add_account
from bootstrap.container import Container
from bootstrap.settings.protection import PasswordSettings
from domain.account import Account, Role
from tests.support.client import PASSWORD, TRUST, Client, Json, http_client, log_in, sign_up
from tests.support.eventually import eventually
from tests.support.gated_hasher import GatedHasher
from tests.support.node import Node, node_settings, running_node

NEW = "a-new-password"


@asynccontextmanager
async def node_with(folder: Path, hasher: PasswordHasher) -> AsyncIterator[Node]:
    """A node that hashes like this, with the delays of the defaults."""

    def adjust(container: Container) -> None:
        container.passwords.override(
            providers.Singleton(Argon2Passwords, container.hash_queue, hasher)
        )

    settings = node_settings(folder, passwords=PasswordSettings(concurrent_hashes=2))
    async with running_node(settings, adjust) as node:
        yield node


async def stored_hash(node: Node, site_id: str) -> str:
    account: Account | None = await node.container.unit_of_work().read(
        lambda stores: stores.accounts.by_site_id(site_id)
    )
    assert account is not None
    password_hash: str = account.password_hash
    return password_hash


async def add_with_hash(node: Node, site_id: str, password_hash: str) -> None:
    """An account of an earlier version."""
    container = node.container
    command = SignUpCommand(site_id=site_id, nickname="Nick", password="")
    await container.unit_of_work().write(
        lambda stores: add_account(
            stores, command, password_hash, Role.PLAYER, container.clock().now()
        )
    )


async def attempt(http: httpx.AsyncClient, site_id: str, password: str) -> httpx.Response:
    body = {"site_id": site_id, "password": password}
    return await http.post("/api/auth/login", json=body)


async def test_a_change_of_password_ends_the_other_logins(
    http: httpx.AsyncClient, node: Node, player: Client
) -> None:
    """Their tokens and sockets end; the caller's login goes on, and only the new password works."""
    other = await log_in(http, node, player.site_id, PASSWORD)
    async with player.device() as mine, other.device() as others:
        await mine.until("initial_state")
        body = {"current_password": PASSWORD, "new_password": NEW}
        assert (await player.ok("POST", "/api/auth/password", body))["success"]
        assert await others.close_code() == 4401
        refused = await other.call("GET", "/api/auth/me")
        assert refused.json()["code"] == "token_revoked"
        refreshed = await http.post(
            "/api/auth/refresh", json={"refresh_token": other.refresh_token}
        )
        assert refreshed.status_code == 401
        await mine.socket.send("ping")
        await mine.until("pong")
    renewal = {"refresh_token": player.refresh_token}
    assert (await http.post("/api/auth/refresh", json=renewal)).status_code == 200
    assert (await attempt(http, player.site_id, PASSWORD)).status_code == 401
    assert (await attempt(http, player.site_id, NEW)).status_code == 200


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"current_password": "wrong-password"}, "invalid_input", "current_password"),
        ({"new_password": "password1"}, "password_too_common", "new_password"),
        ({"new_password": "nick-nick"}, "password_too_common", "new_password"),
        ({"new_password": "short"}, "invalid_input", "new_password"),
    ],
)
async def test_a_change_is_refused(
    player: Client, change: dict[str, str], code: str, field: str
) -> None:
    """The answer names the field, and everything stays as it is."""
    body = {"current_password": PASSWORD, "new_password": NEW, **change}
    refused = await player.call("POST", "/api/auth/password", body)
    assert refused.status_code == 422
    answer: Json = refused.json()
    assert (answer["code"], answer["errors"][0]["field"]) == (code, field)
    assert (await attempt(player.http, player.site_id, PASSWORD)).status_code == 200


async def test_guessable_passwords_are_refused_at_sign_up(http: httpx.AsyncClient) -> None:
    """The error names the field."""
    body = {"site_id": "grace.hopper", "nickname": "Amazing Grace"}
    for password in ("password123", "GraceHopper!", "amazing_grace99"):
        refused = await http.post("/api/auth/signup", json={**body, "password": password})
        assert refused.status_code == 422
        assert refused.json()["code"] == "password_too_common"
        assert refused.json()["errors"][0]["field"] == "password"


async def test_failures_delay_their_address_only(tmp_path: Path) -> None:
    """After some failures, even the right password is refused from there, with the time to wait,
    for accounts that exist and for others; the owner signs in from another address."""
    async with node_with(tmp_path, GatedHasher()) as node, http_client(node) as http:
        player = await sign_up(http, node)
        transport = httpx.AsyncHTTPTransport(verify=TRUST, local_address="127.0.0.2")
        async with httpx.AsyncClient(base_url=node.url, transport=transport) as elsewhere:
            for site_id in (player.site_id, "nobody-at-all"):
                for _ in range(5):
                    assert (await attempt(elsewhere, site_id, "wrong")).status_code == 401
                delayed = await attempt(elsewhere, site_id, PASSWORD)
                assert (delayed.status_code, delayed.json()["code"]) == (429, "sign_in_delayed")
                assert int(delayed.headers["Retry-After"]) in {1, 2}
        assert (await attempt(http, player.site_id, PASSWORD)).status_code == 200


async def test_guesses_of_the_current_password_are_delayed(tmp_path: Path) -> None:
    """Who has stolen a token cannot find out the password with it."""
    async with node_with(tmp_path, GatedHasher()) as node, http_client(node) as http:
        player = await sign_up(http, node)
        body = {"current_password": "wrong-password", "new_password": NEW}
        statuses = [
            (await player.call("POST", "/api/auth/password", body)).status_code for _ in range(6)
        ]
        assert statuses == [422] * 5 + [429]


async def test_unknown_users_cost_as_many_hashes(tmp_path: Path) -> None:
    """Also the first one after the start."""
    hasher = GatedHasher()
    async with node_with(tmp_path, hasher) as node, http_client(node) as http:
        first = await attempt(http, "nobody-at-all", PASSWORD)
        assert (hasher.verified, hasher.hashed) == ([PASSWORD], [])
        player = await sign_up(http, node)
        wrong = await attempt(http, player.site_id, "wrong-password")
        assert (len(hasher.verified), len(hasher.hashed)) == (2, 1)
        assert first.status_code == wrong.status_code == 401
        assert first.content == wrong.content


async def test_earlier_passwords_go_on_working(tmp_path: Path) -> None:
    """A password that would be refused today still signs in, and its hash is renewed once if the
    parameters have changed."""
    hasher = GatedHasher(time_cost=2)
    async with node_with(tmp_path, hasher) as node, http_client(node) as http:
        before = GatedHasher(time_cost=1).hash("password")
        await add_with_hash(node, "old-timer", before)
        for _ in range(2):
            assert (await attempt(http, "old-timer", "password")).status_code == 200
        after = await stored_hash(node, "old-timer")
        assert "t=1" in before
        assert "t=2" in after
        assert hasher.hashed == ["password"]


async def test_a_password_replaced_during_a_sign_in_wins(tmp_path: Path) -> None:
    """A sign-in whose password was verified before the change does not outlive it."""
    hasher = GatedHasher()
    async with node_with(tmp_path, hasher) as node, http_client(node) as http:
        player = await sign_up(http, node)
        hasher.gate.clear()
        signing_in = asyncio.create_task(attempt(http, player.site_id, PASSWORD))

        async def verifying() -> bool:
            return bool(hasher.verified)

        await eventually(verifying)
        replacement = GatedHasher().hash(NEW)
        await node.container.unit_of_work().write(
            lambda stores: stores.accounts.set_credentials(
                player.user_id, password_hash=replacement, role=Role.PLAYER
            )
        )
        hasher.gate.set()
        assert (await signing_in).status_code == 401
        assert (await attempt(http, player.site_id, NEW)).status_code == 200


async def test_of_two_changes_at_once_one_succeeds(tmp_path: Path) -> None:
    """The other one's current password is no longer right."""
    hasher = GatedHasher()
    async with node_with(tmp_path, hasher) as node, http_client(node) as http:
        player = await sign_up(http, node)
        hasher.gate.clear()
        changes = [
            asyncio.create_task(
                player.call(
                    "POST",
                    "/api/auth/password",
                    {"current_password": PASSWORD, "new_password": f"{NEW}-{number}"},
                )
            )
            for number in range(2)
        ]

        async def verifying() -> bool:
            return len(hasher.verified) == 2

        await eventually(verifying)
        hasher.gate.set()
        statuses = sorted([(await change).status_code for change in changes])
        assert statuses == [200, 422]
