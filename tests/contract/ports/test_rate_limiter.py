"""RateLimiter: one node's counts, and counts that nodes share."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from functools import partial

import pytest
import pytest_asyncio
from attrs import define, field, frozen

from adapters.outbound.rate_limits.memory_rate_limiter import MemoryRateLimiter
from adapters.outbound.rate_limits.redis_rate_limiter import RedisRateLimiter
from adapters.outbound.redis.redis_access import RedisAccess
from application.ports.rate_limiter import RateLimit, RateLimiter
from application.ports.telemetry import Counted
from domain.errors import TooManyRequests
from tests.support.eventually import eventually
from tests.support.node import free_port
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.redis_servers import (
    REDIS_6,
    VALKEY,
    redis_server,
    shared_redis,
    shared_redis_cluster,
)
from tests.support.stepping import FakeClock

MAX_KEYS = 1000
LIMIT = RateLimit(name="calls", amount=16, window_s=10, code="too_many_requests")
OTHER = RateLimit(name="others", amount=1, window_s=10, code="too_many_requests")


@frozen
class Kind:
    """`url` is where counts are kept, None in memory; `shares`: between nodes."""

    url: Callable[[], str] | None
    shares: bool


KINDS = {
    "memory": Kind(None, shares=False),
    "redis 6": Kind(lambda: shared_redis(REDIS_6).url, shares=True),
    "valkey": Kind(lambda: shared_redis(VALKEY).url, shares=True),
    "cluster": Kind(lambda: shared_redis_cluster()[0].url, shares=True),
    "away": Kind(lambda: f"redis://127.0.0.1:{free_port()}/0", shares=False),
}
SHARING = [name for name, kind in KINDS.items() if kind.shares]


@define(eq=False)
class Nodes:
    """Nodes that use one storage, with one clock."""

    kind: Kind
    prefix: str
    stack: AsyncExitStack
    clock: FakeClock = field(factory=FakeClock)
    telemetry: RecordingTelemetry = field(factory=RecordingTelemetry)

    def node(self) -> RateLimiter:
        """One more node."""
        if self.kind.url is None:
            return MemoryRateLimiter(self.clock, self.telemetry, MAX_KEYS)
        access = RedisAccess(url=self.kind.url(), prefix=self.prefix)
        limiter = RedisRateLimiter(self.clock, self.telemetry, MAX_KEYS, access)
        self.stack.push_async_callback(limiter.close)
        return limiter


@pytest_asyncio.fixture(params=KINDS)
async def nodes(request: pytest.FixtureRequest) -> AsyncIterator[Nodes]:
    """On each storage, under a prefix that no other test has."""
    async with AsyncExitStack() as stack:
        yield Nodes(KINDS[request.param], f"{request.node.name}.", stack)


async def test_so_much_and_no_more(nodes: Nodes) -> None:
    """What is over the limit is told when to come back, and counted; other keys have theirs."""
    limiter = nodes.node()
    assert [limiter.spend(LIMIT, "a") for _ in range(16)] == [0.0] * 16
    assert limiter.spend(LIMIT, "a") > 0
    assert limiter.spend(LIMIT, "b") == 0
    assert nodes.telemetry.counts[Counted.LIMITED, "calls"] == 1


async def test_limits_are_counted_apart(nodes: Nodes) -> None:
    """The same key under another limit."""
    limiter = nodes.node()
    assert limiter.spend(OTHER, "a") == 0
    assert limiter.spend(LIMIT, "a") == 0
    assert limiter.spend(OTHER, "a") > 0


async def test_the_refusal_says_what_and_when(nodes: Nodes) -> None:
    """`require` raises what the error table knows."""
    limiter = nodes.node()
    limiter.require(OTHER, "a")
    with pytest.raises(TooManyRequests) as caught:
        limiter.require(OTHER, "a")
    assert caught.value.error_code == "too_many_requests"
    assert caught.value.quota == ("others", 1, 10)
    assert 0 < caught.value.retry_after_s <= 20


async def test_after_the_wait_there_is_room(nodes: Nodes) -> None:
    """Not before: trying again meanwhile is refused, and costs nothing."""
    limiter = nodes.node()
    limiter.spend(LIMIT, "a", 16)
    wait_s = limiter.spend(LIMIT, "a")
    for part in (0.5, 0.4):
        nodes.clock.advance(wait_s * part)
        assert limiter.spend(LIMIT, "a") > 0
    nodes.clock.advance(wait_s * 0.1 + 0.001)
    assert limiter.spend(LIMIT, "a") == 0


async def test_many_at_once(nodes: Nodes) -> None:
    """All of an amount, or nothing of it."""
    limiter = nodes.node()
    assert limiter.spend(LIMIT, "a", 10) == 0
    assert limiter.spend(LIMIT, "a", 7) > 0
    assert limiter.spend(LIMIT, "a", 6) == 0


async def test_old_use_is_forgotten(nodes: Nodes) -> None:
    """After two windows, everything is as at first."""
    limiter = nodes.node()
    limiter.spend(LIMIT, "a", 16)
    nodes.clock.advance(20)
    assert limiter.spend(LIMIT, "a", 16) == 0


async def test_keys_are_bounded(nodes: Nodes) -> None:
    """An attacker with many addresses makes the first of them forgotten, and refuses nobody."""
    limiter = nodes.node()
    for number in range(3 * MAX_KEYS):
        assert limiter.spend(OTHER, f"key {number}") == 0
    assert limiter.spend(OTHER, f"key {3 * MAX_KEYS - 1}") > 0
    assert limiter.spend(OTHER, "key 0") == 0


async def test_what_one_node_has_counted_the_other_knows(nodes: Nodes) -> None:
    """After both have shared; where counts are not shared, each node has its own."""
    one, two = nodes.node(), nodes.node()
    one.spend(LIMIT, "a", 10)
    two.spend(LIMIT, "a", 4)
    for _ in range(2):
        for node in (one, two):
            node.spend(LIMIT, "a")
            await node.share()
    refused = two.spend(LIMIT, "a", 3) > 0
    assert refused is nodes.kind.shares


async def test_sharing_counts_nothing_twice(nodes: Nodes) -> None:
    """However often it is done."""
    one, two = nodes.node(), nodes.node()
    for _ in range(8):
        assert one.spend(LIMIT, "a") == 0
        assert two.spend(LIMIT, "a") == 0
        for node in (one, two, two, one):
            await node.share()
    one.spend(LIMIT, "a")
    await one.share()
    assert bool(one.spend(LIMIT, "a")) is nodes.kind.shares


async def test_small_use_is_not_shared(nodes: Nodes) -> None:
    """Honest users cause no traffic: below an eighth of the limit, nothing is sent."""
    one, two = nodes.node(), nodes.node()
    assert one.spend(LIMIT, "a") == 0
    await one.share()
    two.spend(LIMIT, "a", 14)
    await two.share()
    assert two.spend(LIMIT, "a", 2) == 0


async def test_without_its_storage_each_node_counts_by_itself() -> None:
    """Nobody is refused for it, and it is counted."""
    async with AsyncExitStack() as stack:
        nodes = Nodes(KINDS["away"], "x.", stack)
        limiter = nodes.node()
        assert limiter.spend(LIMIT, "a", 15) == 0
        for _ in range(2):
            await limiter.share()
        assert limiter.spend(LIMIT, "a") == 0
        assert limiter.spend(LIMIT, "a") > 0
        assert nodes.telemetry.counts[Counted.LIMITER_FAILURES, "share"] == 2


async def test_a_redis_that_hangs_stalls_nobody() -> None:
    """Nor is anything lost that was counted meanwhile."""
    with redis_server(VALKEY) as server:
        async with AsyncExitStack() as stack:
            nodes = Nodes(Kind(lambda: server.url, shares=True), "hangs.", stack)
            one, two = nodes.node(), nodes.node()
            one.spend(LIMIT, "a", 4)
            await one.share()
            server.pause()
            assert one.spend(LIMIT, "a", 4) == 0
            await one.share()
            assert nodes.telemetry.counts[Counted.LIMITER_FAILURES, "share"] == 1
            assert one.spend(LIMIT, "a", 2) == 0
            server.resume()

            async def shared(node: RateLimiter) -> bool:
                failures = nodes.telemetry.total(Counted.LIMITER_FAILURES)
                await node.share()
                return nodes.telemetry.total(Counted.LIMITER_FAILURES) == failures

            await eventually(partial(shared, one))
            two.spend(LIMIT, "a", 2)
            await eventually(partial(shared, two))
            assert two.spend(LIMIT, "a", 5) > 0


@pytest.mark.parametrize("name", SHARING)
async def test_prefixes_separate_deployments(name: str) -> None:
    """Two deployments on one Redis do not count together."""
    async with AsyncExitStack() as stack:
        one = Nodes(KINDS[name], f"one.{name}.", stack).node()
        two = Nodes(KINDS[name], f"two.{name}.", stack).node()
        for _ in range(2):
            assert one.spend(LIMIT, "a", 6) == 0
            assert two.spend(LIMIT, "a", 6) == 0
            await one.share()
            await two.share()
