"""The examples do what they say, against a server as `make run` starts it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from attrs import frozen

from bootstrap.cli.dev_accounts import DEV_ACCOUNTS
from tests.support.client import Client, Json, Server, http_client, log_in
from tests.support.process import Process, serving
from tests.support.warm_start import PRODUCT

EXAMPLES = PRODUCT / "examples"
TIMEOUT_S = 20.0


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Process]:
    """A server with the accounts that the examples sign in with."""
    async with serving(tmp_path) as running:
        yield running


@frozen
class Running:
    """An example that runs until it is stopped."""

    output: asyncio.StreamReader

    async def until(self, text: str) -> str:
        """The next line that contains this."""
        async with asyncio.timeout(TIMEOUT_S):
            while line := (await self.output.readline()).decode():
                if text in line:
                    return line
        raise AssertionError(f"it ended before {text}")


@asynccontextmanager
async def running(*command: str) -> AsyncIterator[Running]:
    """Run an example, and stop it with the context."""
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield Running(process.stdout)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


@asynccontextmanager
async def player(server: Server) -> AsyncIterator[Client]:
    """The player that the examples follow."""
    account = DEV_ACCOUNTS[0]
    async with http_client(server) as http:
        yield await log_in(http, server, account.site_id, account.password)


async def test_python_client_follows_and_resumes(tmp_path: Path) -> None:
    """It prints frames, and continues at its position after a restart of the server."""
    command = (sys.executable, str(EXAMPLES / "python_client.py"))
    async with serving(tmp_path) as first, running(*command, first.url) as client:
        assert not json.loads(await client.until("sync_connected"))["recovered"]
        await client.until("initial_state")
        async with player(first) as spinner:
            spun = await spinner.spin(50)  # changes exp, whatever it wins
        assert json.loads(await client.until("profile_update"))["seq"] == _last_seq(spun)
        await first.stop()
        async with serving(tmp_path, SYNCHUB_PORT=str(first.port)) as second:
            assert json.loads(await client.until("sync_connected"))["recovered"]
            async with player(second) as spinner:
                spun = await spinner.spin(50)  # changes exp, whatever it wins
            assert json.loads(await client.until("user_action"))["seq"] == _first_seq(spun)


async def test_curl_shows_the_events_of_its_spin(server: Process) -> None:
    """The answer of the spin names them, and the poll brings the same ones."""
    async with running("sh", str(EXAMPLES / "curl.sh"), server.url) as example:
        spun = json.loads(await example.until("win_amount"))
        polled = json.loads(await example.until("frames"))
    assert polled["recovered"]
    assert [frame["id"] for frame in polled["frames"]] == [event["id"] for event in spun["events"]]


async def test_server_sent_events_follow(server: Process) -> None:
    """The state, then what happens, each with the position as its id."""
    async with running("sh", str(EXAMPLES / "server_sent_events.sh"), server.url) as example:
        await example.until("initial_state")
        async with player(server) as spinner:
            spun = await spinner.spin(50)  # changes exp, whatever it wins
        position = await example.until("id: ")
        event = await example.until("data: ")
        assert position.rstrip().endswith(f":{_first_seq(spun)}")
        assert json.loads(event.removeprefix("data: "))["id"] == spun["events"][0]["id"]


async def test_rounds_of_each_game_are_verified(server: Process) -> None:
    """By a program that shares no code with the product. A changed round is noticed."""
    rounds = [
        ("slot/spin", {"bet_amount": 3}),
        ("rps/play", {"choice": "paper", "bet_amount": 3}),
        ("gacha/pull", {"pull_count": 1}),
        ("gacha/pull", {"pull_count": 1}),
        ("crash/bet", {"bet_amount": 3, "auto_cashout_multiplier": 1.5}),
        ("crash/bet", {"bet_amount": 3, "auto_cashout_multiplier": 9}),
    ]
    async with player(server) as client:
        for path, body in rounds:
            await client.ok("POST", f"/api/games/{path}", body)
        await client.ok("POST", "/api/fairness/client-seed", {"client_seed": "mine"})
        await client.ok("POST", "/api/games/slot/spin", {"bet_amount": 1})
        unrevealed = await client.ok("GET", "/api/fairness/rounds?limit=1")
        await client.ok("POST", "/api/fairness/rotate")
        played = await client.ok("GET", "/api/fairness/rounds")
    assert await verify(unrevealed) == (0, ["the server seed is not revealed"])
    assert await verify(played) == (0, ["ok"] * 7)
    for number, changed in enumerate(played["rounds"]):
        before = json.dumps(changed)
        _tamper(changed)
        expected = ["WRONG" if index == number else "ok" for index in range(7)]
        assert await verify(played) == (1, expected)
        played["rounds"][number] = json.loads(before)


def _tamper(played: Json) -> None:
    """Let the round have another result."""
    result = played["result"]
    if played["game_type"] == "crash":
        result["crash_point"] += 0.01
    else:
        result["win"] += 1


async def verify(played: Json) -> tuple[int, list[str]]:
    """The exit code of the example, and what it says about each round."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / "verify_round.py"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate(json.dumps(played).encode())
    assert process.returncode is not None
    return process.returncode, [line.partition(": ")[2] for line in output.decode().splitlines()]


def test_every_example_is_run() -> None:
    """A new example needs a test here."""
    tests = Path(__file__).read_text("utf-8")
    assert [path.name for path in EXAMPLES.iterdir() if f'"{path.name}"' not in tests] == []


def _first_seq(spun: Json) -> int:
    return int(spun["events"][0]["seq"])


def _last_seq(spun: Json) -> int:
    return int(spun["events"][-1]["seq"])
