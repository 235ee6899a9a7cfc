"""SignInFailures: counts, delays, and addresses that are known to an account."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.outbound.redis.redis_access import RedisAccess
from adapters.outbound.security import redis_sign_in_failures
from adapters.outbound.security.memory_sign_in_failures import (
    ADDRESSES,
    KEYS,
    MemorySignInFailures,
)
from adapters.outbound.security.redis_sign_in_failures import RedisSignInFailures
from adapters.outbound.system.system_clock import SystemClock
from application.ports.sign_in_failures import Admission, Backoff, SignInFailures
from tests.support.eventually import eventually
from tests.support.redis_servers import (
    REDIS_6,
    VALKEY,
    redis_server,
    shared_redis,
    shared_redis_cluster,
)

LONG = Backoff(free=2, first_s=100, limit_s=300, forget_s=1000)
SHORT = Backoff(free=1, first_s=0.05, limit_s=0.05, forget_s=60)
_keys = itertools.count(1)


def redis_url(kind: str) -> str:
    if kind == "cluster":
        return shared_redis_cluster()[0].url
    return shared_redis(VALKEY if kind == "valkey" else REDIS_6).url


@pytest_asyncio.fixture(params=["memory", "valkey", "redis-6", "cluster"])
async def failures(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[SignInFailures]:
    # A busy machine may need longer than a sign-in waits.
    monkeypatch.setattr(redis_sign_in_failures, "TIMEOUT_S", 30.0)
    made: SignInFailures = MemorySignInFailures(SystemClock())
    if request.param != "memory":
        made = RedisSignInFailures(RedisAccess(url=redis_url(request.param), prefix="test."), made)
    yield made
    if isinstance(made, RedisSignInFailures):
        assert made._away_until == 0, "Redis was not used"
    await made.close()


@pytest.fixture
def key() -> str:
    return f"key-{next(_keys)}"


async def test_delays_begin_after_the_free_failures(failures: SignInFailures, key: str) -> None:
    """Attempts count until the delay begins; during a delay, none counts."""
    assert await failures.begin(key, LONG) == Admission(0, 1)
    assert await failures.begin(key, LONG) == Admission(0, 2)
    for _ in range(3):
        refused = await failures.begin(key, LONG)
        assert 90 < refused.wait_s <= 100
        assert refused.failures == 2
    assert await failures.begin(key + "-other", LONG) == Admission(0, 1)


async def test_simultaneous_attempts_count_like_successive_ones(
    failures: SignInFailures, key: str
) -> None:
    """Of many at once, only the free ones get through."""
    admissions = await asyncio.gather(*(failures.begin(key, LONG) for _ in range(20)))
    assert sum(admission.wait_s == 0 for admission in admissions) == 2


async def test_the_delay_ends(failures: SignInFailures, key: str) -> None:
    """After it, one more attempt is admitted and counted."""
    assert await failures.begin(key, SHORT) == Admission(0, 1)

    async def admitted() -> bool:
        return await failures.begin(key, SHORT) == Admission(0, 2)

    await eventually(admitted)


async def test_failures_are_forgotten(failures: SignInFailures, key: str) -> None:
    """Some time after the last attempt, counting begins again."""
    forgetful = Backoff(free=10, first_s=0, limit_s=0, forget_s=0.01)
    for _ in range(3):
        await failures.begin(key, LONG)
    assert (await failures.begin(key + "-other", forgetful)).failures == 1

    async def forgotten() -> bool:
        return (await failures.begin(key + "-other", forgetful)).failures == 1

    await eventually(forgotten)
    assert (await failures.begin(key, LONG)).failures == 2


async def test_undo_and_clear(failures: SignInFailures, key: str) -> None:
    """`undo` takes one attempt back and leaves the delay; `clear` takes all."""
    await failures.begin(key, LONG)
    await failures.undo(key)
    await failures.undo(key)
    assert await failures.begin(key, LONG) == Admission(0, 1)
    assert await failures.begin(key, LONG) == Admission(0, 2)
    await failures.undo(key)
    assert (await failures.begin(key, LONG)).wait_s > 0
    await failures.clear(key)
    await failures.clear(key)
    assert await failures.begin(key, LONG) == Admission(0, 1)


async def test_known_addresses(failures: SignInFailures, key: str) -> None:
    """The last few addresses of an account are known, for the time that was asked for."""
    for number in range(ADDRESSES + 1):
        await failures.remember(key, f"10.0.0.{number}", 100 + number)
    known = [await failures.remembers(key, f"10.0.0.{n}") for n in range(ADDRESSES + 1)]
    assert known == [False] + [True] * ADDRESSES
    assert not await failures.remembers(key + "-other", "10.0.0.5")
    await failures.remember(key, "10.0.0.5", 0.05)

    async def forgotten() -> bool:
        return not await failures.remembers(key, "10.0.0.5")

    await eventually(forgotten)


def test_the_delay_doubles_up_to_its_limit() -> None:
    """However many failures there are, the delay stays at the limit."""
    assert [LONG.delay_s(count) for count in (1, 2, 3, 4, 10**6)] == [0, 100, 200, 300, 300]


async def test_memory_is_bounded() -> None:
    """The keys that were used least recently give way."""
    failures = MemorySignInFailures(SystemClock())
    for number in range(KEYS + 5):
        await failures.begin(f"key-{number}", LONG)
        await failures.remember(f"key-{number}", "10.0.0.1", 100)
    assert len(failures._tallies) == len(failures._known) == KEYS
    assert (await failures.begin("key-0", LONG)).failures == 1
    assert (await failures.begin(f"key-{KEYS}", LONG)).failures == 2


async def test_nodes_share_redis_and_count_alone_without_it(key: str) -> None:
    """Two nodes count together; while Redis is away or hangs, each goes on by itself."""
    with redis_server(VALKEY) as server:
        one, other = (
            RedisSignInFailures(RedisAccess(url=server.url), MemorySignInFailures(SystemClock()))
            for _ in range(2)
        )
        assert await one.begin(key, LONG) == Admission(0, 1)
        assert await other.begin(key, LONG) == Admission(0, 2)
        server.pause()
        assert await one.begin(key, LONG) == Admission(0, 1)
        assert await one.begin(key, LONG) == Admission(0, 2)
        assert (await one.begin(key, LONG)).wait_s > 0
        server.resume()
        server.kill()
        assert await other.begin(key, LONG) == Admission(0, 1)
        assert not await other.remembers(key, "10.0.0.1")
        for node in (one, other):
            await node.close()
