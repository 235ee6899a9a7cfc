"""Sign-ins under load: a bounded, fair queue, and nothing is hashed for clients that have gone."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from attrs import evolve
from dependency_injector import providers

from adapters.outbound.security.argon2_passwords import Argon2Passwords
from bootstrap.container import Container
from bootstrap.settings.protection import PasswordSettings
from tests.support.client import PASSWORD, Client, http_client, sign_up
from tests.support.eventually import eventually
from tests.support.gated_hasher import GatedHasher
from tests.support.metrics import metric
from tests.support.node import UNDELAYED, Node, node_settings, running_node

TWO_AT_A_TIME = evolve(UNDELAYED, concurrent_hashes=2)

HONEST, ATTACKER = "127.0.0.1", "127.0.0.2"


class Bench:
    """A node with a gated hasher, and a player with an account."""

    def __init__(self, node: Node, hasher: GatedHasher, http: httpx.AsyncClient) -> None:
        self.node, self.hasher, self.http = node, hasher, http
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def waiting(self) -> int:
        return self.node.container.passwords().waiting()

    async def until_waiting(self, count: int) -> None:
        async def reached() -> bool:
            return self.waiting == count

        await eventually(reached)

    async def until_working(self, operations: int) -> None:
        async def reached() -> bool:
            return len(self.hasher.verified) >= operations

        await eventually(reached)

    async def send(
        self, path: str, address: str = ATTACKER, token: str | None = None, **body: str
    ) -> asyncio.StreamReader:
        """A request on a connection of its own, from this address."""
        port = self.node.container.settings().port
        reader, writer = await asyncio.open_connection(HONEST, port, local_addr=(address, 0))
        content = json.dumps(body).encode()
        head = f"POST /api/auth/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n"
        if token:
            head += f"Authorization: Bearer {token}\r\n"
        writer.write(f"{head}\r\n".encode() + content)
        self._writers.append(writer)
        return reader

    async def send_login(self) -> asyncio.StreamReader:
        return await self.send("login", site_id="somebody", password="wrong-password")

    async def hang_up(self) -> None:
        """Close all connections."""
        for writer in self._writers:
            writer.close()
        for writer in self._writers:
            with suppress(OSError):
                await writer.wait_closed()

    async def log_in(self, player: Client) -> httpx.Response:
        body = {"site_id": player.site_id, "password": PASSWORD}
        return await self.http.post("/api/auth/login", json=body)


@asynccontextmanager
async def bench(folder: Path, passwords: PasswordSettings = TWO_AT_A_TIME) -> AsyncIterator[Bench]:
    hasher = GatedHasher()

    def adjust(container: Container) -> None:
        container.passwords.override(
            providers.Singleton(Argon2Passwords, container.hash_queue, hasher)
        )

    settings = node_settings(folder, passwords=passwords)
    async with running_node(settings, adjust) as node, http_client(node) as http:
        opened = Bench(node, hasher, http)
        try:
            yield opened
        finally:
            hasher.gate.set()
            await opened.hang_up()


REQUESTS = {
    "login": {"site_id": "somebody", "password": "wrong-password"},
    "signup": {"site_id": "somebody", "password": "correct horse", "nickname": "Somebody"},
    "password": {"current_password": "wrong-password", "new_password": "correct horse"},
}


@pytest.mark.parametrize("path", REQUESTS)
async def test_a_client_that_has_gone_is_not_served(tmp_path: Path, path: str) -> None:
    """Of many requests whose clients hang up, only those are hashed that had begun."""
    async with bench(tmp_path) as it:
        player = await sign_up(it.http, it.node)
        it.hasher.gate.clear()
        before = it.hasher.operations
        for _ in range(30):
            await it.send(path, token=player.access_token, **REQUESTS[path])
        await it.until_waiting(28)
        await it.hang_up()
        await it.until_waiting(0)
        it.hasher.gate.set()
        assert (await it.log_in(player)).status_code == 200
        assert it.hasher.operations == before + 2 + 1
        assert await metric(it.http, "synchub_refused_hashes_total", reason="client_gone") == 28


async def test_the_longest_waiting_address_gives_way(tmp_path: Path) -> None:
    """An attacker fills the queue; a player still gets in, next in turn, and the newest of the
    attacker's requests is refused instead, with a time to come back."""
    async with bench(tmp_path, evolve(UNDELAYED, concurrent_hashes=1, waiting=10)) as it:
        player = await sign_up(it.http, it.node)
        it.hasher.gate.clear()
        answers = []
        for count in range(11):
            answers.append(await it.send_login())
            await it.until_working(1)
            await it.until_waiting(count)
        refused = await it.send_login()
        head = await refused.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503")
        assert b"retry-after: " in head.lower()
        assert b'"sign_in_busy"' in await refused.read(1000)
        honest = asyncio.create_task(it.log_in(player))
        assert (await answers[10].readline()).startswith(b"HTTP/1.1 503")
        it.hasher.gate.set()
        assert (await honest).status_code == 200
        assert it.hasher.verified.index(PASSWORD) <= 2
        reasons = {
            reason: await metric(it.http, "synchub_refused_hashes_total", reason=reason)
            for reason in ("queue_full", "gave_way")
        }
        assert reasons == {"queue_full": 1, "gave_way": 1}


async def test_nobody_waits_for_too_long(tmp_path: Path) -> None:
    """A request that has waited for the configured time is refused, and not hashed later."""
    async with bench(tmp_path, evolve(UNDELAYED, concurrent_hashes=1, wait_s=0.1)) as it:
        it.hasher.gate.clear()
        first = await it.send_login()
        await it.until_working(1)
        late = await it.send_login()
        assert (await late.readline()).startswith(b"HTTP/1.1 503")
        it.hasher.gate.set()
        assert (await first.readline()).startswith(b"HTTP/1.1 401")
        assert it.hasher.operations == 1


async def test_everything_else_goes_on(tmp_path: Path) -> None:
    """While all threads hash and many wait, other requests and sockets are served, and the metrics
    show the queue."""
    async with bench(tmp_path) as it:
        player = await sign_up(it.http, it.node)
        it.hasher.gate.clear()
        answers = [await it.send_login() for _ in range(20)]
        await it.until_waiting(18)
        async with player.device() as device:
            await device.until("initial_state")
            await player.spin()
            await device.until("game_event")
        assert await metric(it.http, "synchub_waiting_passwords") == 18
        assert await metric(it.http, "synchub_password_hash_seconds_count") >= 1
        it.hasher.gate.set()
        for answer in answers:
            assert (await answer.readline()).startswith(b"HTTP/1.1 401")
