"""What nodes may do in Redis: the rights that the documentation names suffice, and no more."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import NoPermissionError

from adapters.outbound.rate_limits.redis_rate_limiter import RedisRateLimiter
from adapters.outbound.redis.redis_access import RedisAccess
from adapters.outbound.security.memory_sign_in_failures import MemorySignInFailures
from adapters.outbound.security.redis_sign_in_failures import RedisSignInFailures
from adapters.outbound.system.system_clock import SystemClock
from application.ports.rate_limiter import RateLimit
from application.ports.sign_in_failures import Backoff
from application.ports.telemetry import Counted
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.redis_servers import VALKEY, redis_server

SECURITY = Path(__file__).parents[3] / "docs" / "security.md"
PASSWORD = "of-the-hub"


@pytest.fixture(scope="module")
def access() -> Iterator[RedisAccess]:
    """As the documentation sets it up, with the rights for limits."""
    text = SECURITY.read_text()
    lines = re.findall(r"^ +(ACL SETUSER .+)$", text, re.MULTILINE)
    assert len(lines) == 3, "the documentation has another order"
    with redis_server(VALKEY) as server:
        for line in (lines[0], lines[2]):
            server.command(*line.replace("PASSWORD", PASSWORD).split())
        yield RedisAccess(url=f"redis://hub:{PASSWORD}@127.0.0.1:{server.port}/0")


async def test_limits_are_shared_with_the_rights(access: RedisAccess) -> None:
    """Two nodes count together."""
    telemetry = RecordingTelemetry()
    limit = RateLimit(name="calls", amount=8, window_s=60, code="too_many_requests")
    nodes = [RedisRateLimiter(SystemClock(), telemetry, 10, access) for _ in range(2)]
    for node in nodes:
        for _ in range(4):
            node.spend(limit, "a")
        await node.share()
    nodes[0].spend(limit, "a")
    await nodes[0].share()
    assert nodes[0].spend(limit, "a") > 0
    assert telemetry.counts[Counted.LIMITER_FAILURES, "share"] == 0, "Redis refused something"
    for node in nodes:
        await node.close()


async def test_sign_ins_are_counted_with_the_rights(access: RedisAccess) -> None:
    """Every operation."""
    local = MemorySignInFailures(SystemClock())
    failures = RedisSignInFailures(access, local)
    backoff = Backoff(free=2, first_s=1, limit_s=2, forget_s=60)
    assert (await failures.begin("a", backoff)).failures == 1
    await failures.undo("a")
    await failures.clear("a")
    await failures.remember("a", "10.0.0.1", 60)
    assert await failures.remembers("a", "10.0.0.1")
    assert failures._away_until == 0, "Redis refused something"
    await failures.close()


async def test_nothing_else_is_permitted(access: RedisAccess) -> None:
    """Other keys and other commands."""
    async with Redis.from_url(access.url) as client:
        for command in ("GET other", "KEYS *", "FLUSHALL", "INCRBY other 1", "CONFIG GET *"):
            with pytest.raises(NoPermissionError):
                await client.execute_command(*command.split())  # type: ignore[no-untyped-call]
