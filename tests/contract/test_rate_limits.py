"""Limits of users and addresses at the whole product, on one node and over two."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from dependency_injector import providers
from websockets.exceptions import ConnectionClosed, InvalidStatus

from adapters.outbound.rate_limits.redis_rate_limiter import RedisRateLimiter
from bootstrap.container import Container
from bootstrap.settings.choices import BroadcasterKind
from bootstrap.settings.limits import LimitSettings
from bootstrap.settings.links import RedisSettings
from bootstrap.settings.realtime import RealtimeSettings
from tests.support.client import LEGACY, PASSWORD, SYNC, Client, http_client, log_in, sign_up
from tests.support.endpoints import assert_problem
from tests.support.eventually import eventually
from tests.support.metrics import metric
from tests.support.node import Adjust, Node, node_settings, running_node
from tests.support.redis_servers import VALKEY, shared_redis
from tests.support.stepping import FakeClock


@asynccontextmanager
async def limited_node(
    folder: Path, *, realtime: RealtimeSettings | None = None, **limits: Any
) -> AsyncIterator[tuple[Node, httpx.AsyncClient]]:
    """A node with these limits."""
    settings = node_settings(folder, realtime=realtime, limits=LimitSettings(**limits))
    async with running_node(settings) as node, http_client(node) as http:
        yield node, http


async def is_refused(client: Client, path: str = SYNC) -> bool:
    """Whether a socket is refused for too much: before the upgrade, or by its close code."""
    try:
        async with client.device(path) as device:
            await device.next()
    except InvalidStatus as refusal:
        return refusal.response.status_code == 429 and "Retry-After" in refusal.response.headers
    except ConnectionClosed:
        return device.socket.close_code == 4429
    return False


async def test_requests_of_a_user_are_limited(tmp_path: Path) -> None:
    """On all calls together; the answer says when to come back. Other users notice nothing."""
    async with limited_node(tmp_path, requests_per_user=5) as (node, http):
        player, other = await sign_up(http, node), await sign_up(http, node)
        for _ in range(5):
            await player.spin()
        for path in ("/api/auth/me", "/api/streak/status"):
            response = await player.call("GET", path)
            assert_problem(response, 429, "too_many_requests")
            seconds = response.headers["Retry-After"]
            assert int(seconds) >= 1
            assert response.headers["RateLimit-Policy"] == '"requests_per_user";q=5;w=10'
            assert response.headers["RateLimit"] == f'"requests_per_user";r=0;t={seconds}'
        await other.spin()
        refused = await metric(http, "synchub_limited_total", reason="requests_per_user")
        assert refused == 2


async def test_sign_ups_of_an_address_are_limited(tmp_path: Path) -> None:
    """Those who have an account still sign in."""
    async with limited_node(tmp_path, sign_ups_per_address=2) as (node, http):
        player, _ = await sign_up(http, node), await sign_up(http, node)
        body = {"site_id": "third", "nickname": "Nick", "password": PASSWORD}
        for path in ("/api/auth/signup", "/api/auth/signup/"):
            response = await http.post(path, json=body)
            assert_problem(response, 429, "too_many_sign_ups")
            assert int(response.headers["Retry-After"]) >= 1
        await log_in(http, node, player.site_id, PASSWORD)


async def test_sockets_of_a_user_are_limited(tmp_path: Path) -> None:
    """On all endpoints together, event streams included, until one of them closes."""
    async with limited_node(tmp_path, sockets_per_user=2) as (node, http):
        player, other = await sign_up(http, node), await sign_up(http, node)
        async with player.device() as kept:
            await kept.until("initial_state")
            async with player.device(LEGACY) as device:
                await device.until("ws_ack")
                assert await is_refused(player)
                assert await is_refused(player, LEGACY)
                stream = await player.call("GET", "/api/realtime/stream")
                assert_problem(stream, 429, "too_many_sockets")
                assert not await is_refused(other)

            async def free() -> bool:
                return not await is_refused(player)

            await eventually(free)
            await player.spin()
            await kept.until("game_event")


async def test_messages_are_counted_over_reconnects(tmp_path: Path) -> None:
    """Whoever has used up the budget has none on the next socket."""
    realtime = RealtimeSettings(messages_per_10s=4)
    async with limited_node(tmp_path, realtime=realtime) as (node, http):
        player = await sign_up(http, node)
        async with player.device() as device:
            for _ in range(4):
                await device.socket.send("ping")
                await device.until("pong")

        async def refused() -> bool:
            """Once the server has seen the end of the connection before."""
            async with player.device() as device:
                await device.socket.send("ping")
                try:
                    await device.until("pong")
                except ConnectionClosed:
                    return device.socket.close_code == 4429
            return False

        await eventually(refused)


@pytest.fixture
def shared(tmp_path: Path) -> Any:
    """What two nodes have in common."""
    redis = RedisSettings(url=shared_redis(VALKEY).url, prefix=f"{tmp_path.name}.")
    return {
        "broadcaster": BroadcasterKind.REDIS,
        "redis": redis,
        "limits": LimitSettings(sockets_per_user=4, requests_per_user=16),
    }


@asynccontextmanager
async def two_nodes(
    folder: Path, shared: Any, adjust: Adjust | None = None
) -> AsyncIterator[tuple[Node, Node, httpx.AsyncClient, httpx.AsyncClient]]:
    """Both on one database and one Redis."""
    async with (
        running_node(node_settings(folder, **shared), adjust) as one,
        running_node(node_settings(folder, **shared), adjust) as two,
        http_client(one) as http_one,
        http_client(two) as http_two,
    ):
        yield one, two, http_one, http_two


async def test_sockets_are_counted_over_all_nodes(tmp_path: Path, shared: Any) -> None:
    """Some here, some there."""
    async with two_nodes(tmp_path, shared) as (one, two, http_one, http_two):
        player = await sign_up(http_one, one)
        elsewhere = await log_in(http_two, two, player.site_id, PASSWORD)
        async with (
            player.device() as a,
            player.device() as b,
            elsewhere.device() as c,
            elsewhere.device() as d,
        ):
            for device in (a, b, c, d):
                await device.until("initial_state")

            async def full() -> bool:
                return await is_refused(player) and await is_refused(elsewhere)

            await eventually(full)


async def test_requests_are_counted_over_all_nodes(tmp_path: Path, shared: Any) -> None:
    """A user who has used most of the limit on one node has little left on the other."""

    def one_window(container: Container) -> None:
        container.rate_limiter.override(
            providers.Singleton(
                RedisRateLimiter,
                FakeClock(),
                container.telemetry,
                1000,
                container.redis_access,
            )
        )

    async with two_nodes(tmp_path, shared, one_window) as (one, two, http_one, http_two):
        player = await sign_up(http_one, one)
        elsewhere = await log_in(http_two, two, player.site_id, PASSWORD)
        for _ in range(12):
            await player.ok("GET", "/api/auth/me")
        answers: list[int] = []
        while not answers or answers[-1] == 200:
            answers.append((await elsewhere.call("GET", "/api/auth/me")).status_code)
            for node in (one, two):
                await node.container.rate_limiter().share()
        assert answers == [200, 200, 200, 200, 429]
