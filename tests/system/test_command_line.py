"""`synchub` on the command line."""

import json
import os
import secrets
import signal
from pathlib import Path
from typing import Any

import pytest

from application.use_cases.accounts.log_in import LogInCommand
from bootstrap.cli.dev_accounts import DEV_ACCOUNTS, open_dev_accounts, seed_dev_accounts
from bootstrap.container import build_container
from bootstrap.server.lifecycle import database_open
from domain.account import Role
from tests.support.client import MONITOR, Json, http_client, log_in
from tests.support.node import node_settings, running_node
from tests.support.process import run_command, serving

SECRET = secrets.token_urlsafe(32)
PROD = {"SYNCHUB_ENV": "prod", "SYNCHUB_JWT_SECRET": SECRET}


async def test_serve_seeds_greets_and_ends(tmp_path: Path) -> None:
    """In development there are two accounts, the addresses are printed, SIGTERM exits with 0, and
    data is in one file."""
    async with serving(tmp_path) as server, http_client(server) as http:
        for account in DEV_ACCOUNTS:
            client = await log_in(http, server, account.site_id, account.password)
            async with client.device() as device:
                await device.until("initial_state")
                await client.spin()
                await device.until("game_event")
            assert account.password in server.output
        assert f"{server.url}/schema" in server.output
        assert await server.stop() == 0
    assert (tmp_path / "data" / "synchub.db").exists()


async def test_state_survives_a_restart(tmp_path: Path) -> None:
    """State and position are equal after a restart."""
    player = DEV_ACCOUNTS[0]
    positions: list[Json] = []
    for _ in range(2):
        async with serving(tmp_path) as server, http_client(server) as http:
            client = await log_in(http, server, player.site_id, player.password)
            if not positions:
                await client.spin()
            positions.append(await client.ok("GET", "/api/realtime/state"))
    assert positions[0] == positions[1]


async def test_smoke_sees_its_own_spin(tmp_path: Path) -> None:
    """The first run signs up, the second one signs in."""
    async with serving(tmp_path) as server:
        for expected in ("signed up", "signed in"):
            status, output = await run_command("smoke", "--url", server.url, folder=tmp_path)
            assert status == 0, output
            assert expected in output
            assert "connected to /api/realtime/sync" in output
            assert '"type":"game_event"' in output


async def test_smoke_falls_back_to_the_deprecated_stream(tmp_path: Path) -> None:
    """It connects to the legacy endpoint if the sync endpoint is blocked."""

    def block_sync(app: Any) -> Any:
        async def blocked(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "websocket" and scope["path"] == "/api/realtime/sync":
                await send({"type": "websocket.close", "code": 1000})
            else:
                await app(scope, receive, send)

        return blocked

    async with running_node(node_settings(tmp_path), wrap=block_sync) as node:
        status, output = await run_command("smoke", "--url", node.url, folder=tmp_path)
    assert status == 0, output
    assert "connected to /api/games/ws" in output


async def test_smoke_fails_without_a_server(tmp_path: Path) -> None:
    """It exits with 1 and prints FAILED."""
    status, output = await run_command("smoke", "--url", "http://127.0.0.1:9", folder=tmp_path)
    assert status == 1
    assert "FAILED" in output


async def test_create_admin(tmp_path: Path) -> None:
    """A new operator may use the monitor; promoting an account ends its logins."""
    async with serving(tmp_path) as server, http_client(server) as http:
        player = DEV_ACCOUNTS[0]
        before = await log_in(http, server, player.site_id, player.password)
        for site_id in ("boss", player.site_id):
            status, output = await run_command(
                "create-admin",
                site_id,
                "--password-stdin",
                folder=tmp_path,
                stdin="a-new-password\n",
            )
            assert status == 0, output
            admin = await log_in(http, server, site_id, "a-new-password")
            async with admin.device(MONITOR) as monitor:
                assert (await monitor.next())["type"] == "monitor_snapshot"
        body = {"refresh_token": before.refresh_token}
        assert (await http.post("/api/auth/refresh", json=body)).status_code == 401


async def test_renew_epoch(tmp_path: Path) -> None:
    """Earlier positions belong to another journal."""
    player = DEV_ACCOUNTS[0]
    async with serving(tmp_path) as server, http_client(server) as http:
        client = await log_in(http, server, player.site_id, player.password)
        await client.spin()
        position = (await client.ok("GET", "/api/realtime/state"))["position"]
    status, output = await run_command("renew-epoch", folder=tmp_path)
    assert status == 0, output
    async with serving(tmp_path) as server, http_client(server) as http:
        client = await log_in(http, server, player.site_id, player.password)
        async with client.device(since=position) as device:
            assert (await device.next())["reason"] == "new_epoch"


async def test_create_admin_refuses_a_short_password(tmp_path: Path) -> None:
    """The output has the allowed lengths."""
    status, output = await run_command(
        "create-admin", "boss", "--password-stdin", folder=tmp_path, stdin="short\n"
    )
    assert status == 1
    assert "8 to 128" in output


async def test_wrong_settings_end_it(tmp_path: Path) -> None:
    """It exits with 1 and names the setting, before anything is created."""
    status, output = await run_command("serve", folder=tmp_path, SYNCHUB_PORT="http")
    assert status == 1
    assert "SYNCHUB_PORT takes a port from 1 to 65535" in output
    assert "Traceback" not in output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"SYNCHUB_HOST": "192.0.2.1"}, ["SYNCHUB_ALLOW_DEV_ON_NETWORK=true"]),
        (
            {
                "SYNCHUB_ENV": "prod",
                "SYNCHUB_JWT_SECRET": "for-development-only-never-for-production",
                "SYNCHUB_WORKRES": "2",
                "SYNCHUB_SETTINGS": "gone.toml",
            },
            ["openssl rand -base64 32", "did you mean SYNCHUB_WORKERS?", "gone.toml does not"],
        ),
        ({**PROD, "SYNCHUB_JWT_PREVIOUS_SECRETS": "ab" * 20}, ["bits of entropy"]),
    ],
    ids=["exposed", "all at once", "weak"],
)
async def test_unsafe_settings_end_it(
    tmp_path: Path, environment: dict[str, str], said: list[str]
) -> None:
    """It exits with 1 and one line for each problem, before anything is created."""
    status, output = await run_command("serve", folder=tmp_path, **environment)
    assert status == 1
    assert len(output.splitlines()) == 1 + len(said)
    assert [text for text in said if text not in output] == []
    assert not (tmp_path / "data").exists()


async def test_unknown_settings_in_the_file_end_it(tmp_path: Path) -> None:
    """Names that are no settings are listed, from all tables."""
    (tmp_path / "synchub.toml").write_text("[synchub]\nprot = 1\n[synchub.journal]\nkeep = 1\n")
    status, output = await run_command("serve", folder=tmp_path)
    assert status == 1
    assert "journal.keep, prot" in output
    assert len(output.splitlines()) == 2


async def test_production_refuses_the_accounts_of_development(tmp_path: Path) -> None:
    """It names each account with a known password and what to do, which is then enough."""
    container = build_container(node_settings(tmp_path))
    async with database_open(container):
        await seed_dev_accounts(container)
        environment = {**PROD, "SYNCHUB_DATABASE_URL": f"sqlite:///{tmp_path}/synchub.db"}
        status, output = await run_command("serve", folder=tmp_path, **environment)
        assert status == 1
        assert len(output.splitlines()) == 1 + len(DEV_ACCOUNTS)
        for account in DEV_ACCOUNTS:
            assert f"synchub set-password {account.site_id}" in output
        status, output = await run_command(
            "set-password",
            "admin",
            "--password-stdin",
            folder=tmp_path,
            stdin="a-new-password\n",
            **environment,
        )
        assert status == 0, output
        assert await open_dev_accounts(container) == ["player"]
        admin = await container.log_in().execute(
            LogInCommand(site_id="admin", password="a-new-password")
        )
        assert admin.user.role is Role.ADMIN


@pytest.mark.parametrize(
    ("arguments", "password", "said"),
    [
        (("create-admin", "boss"), "password1", "easy to guess"),
        (("set-password", "nobody"), "a-new-password", "no such account"),
    ],
)
async def test_commands_refuse_bad_passwords_and_names(
    tmp_path: Path, arguments: tuple[str, ...], password: str, said: str
) -> None:
    """They exit with 1 and the reason."""
    status, output = await run_command(
        *arguments, "--password-stdin", folder=tmp_path, stdin=f"{password}\n"
    )
    assert status == 1
    assert said in output
    assert "Traceback" not in output


async def test_a_database_that_is_away_ends_it(tmp_path: Path) -> None:
    """It exits with 1 and says so in one line."""
    url = "postgresql://user:secret@127.0.0.1:9/name"
    status, output = await run_command("serve", folder=tmp_path, SYNCHUB_DATABASE_URL=url, **PROD)
    assert status == 1
    assert "the database cannot be used" in output
    assert len(output.splitlines()) == 1


async def test_production_logs_hold_no_secrets(tmp_path: Path) -> None:
    """Logs are JSON lines without tokens or passwords."""
    environment = {**PROD, "SYNCHUB_REALTIME_QUERY_TOKEN": "on"}
    async with serving(tmp_path, SYNCHUB_LOG_LEVEL="debug", **environment) as server:
        async with http_client(server) as http:
            credentials = {"site_id": "someone", "password": "my-secret-password"}
            await http.post("/api/auth/signup", json={**credentials, "nickname": "Some One"})
            client = await log_in(http, server, *credentials.values())
            async with client.device() as device:
                await device.until("initial_state")
                await device.socket.send("garbage")
            await http.get("/api/auth/me", params={"token": client.access_token})
            await http.post("/api/auth/login", content=b'{"password": "my-secret-password"')
        assert server.process.pid
        os.kill(server.process.pid, signal.SIGINT)
        assert await server.stop() == 0
        for line in server.output.splitlines():
            json.loads(line)
        for text in (client.access_token, client.refresh_token, "my-secret-password", SECRET):
            assert text not in server.output
