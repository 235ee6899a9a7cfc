"""Failed sign-ins, in Redis: counted over all nodes.

Each operation is one script on one key, so it is atomic and works on a cluster. Every key expires.
Attempts cost a password hash each, so their rate bounds the number of keys.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from redis.asyncio import Redis, RedisCluster

from adapters.outbound.redis.redis_access import RedisAccess
from adapters.outbound.security.memory_sign_in_failures import ADDRESSES
from application.ports.sign_in_failures import Admission, Backoff, SignInFailures

logger = logging.getLogger("synchub.sign_in")

T = TypeVar("T")

TIMEOUT_S = 0.5
AWAY_S = 5.0
"""For how long Redis is not asked after it failed, so that not every sign-in waits for it."""

_BEGIN = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local free, first, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local delayed_until = tonumber(redis.call('HGET', KEYS[1], 'delayed_until') or '0')
if delayed_until > now then
  return {delayed_until - now, tonumber(redis.call('HGET', KEYS[1], 'failures'))}
end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
local delay = 0
if failures >= free then delay = math.min(limit, first * 2 ^ math.min(failures - free, 64)) end
redis.call('HSET', KEYS[1], 'delayed_until', string.format('%.0f', now + delay))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {0, failures}
"""

_UNDO = """
if tonumber(redis.call('HGET', KEYS[1], 'failures') or '0') > 0 then
  redis.call('HINCRBY', KEYS[1], 'failures', -1)
end
"""

_CLEAR = "redis.call('DEL', KEYS[1])"

_REMEMBER = """
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

_REMEMBERS = """
local time = redis.call('TIME')
local known_until = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
return known_until > time[1] * 1000 + math.floor(time[2] / 1000)
"""


class RedisSignInFailures(SignInFailures):
    """`local` counts while Redis is away."""

    def __init__(self, access: RedisAccess, local: SignInFailures) -> None:
        self._access = access
        self._prefix = f"{access.prefix}sign-in:"
        self._local = local
        self._client: Redis | RedisCluster | None = None
        self._connecting = asyncio.Lock()
        self._away_until = 0.0

    async def begin(self, key: str, backoff: Backoff) -> Admission:
        times = (backoff.first_s, backoff.limit_s, backoff.forget_s)
        arguments = [backoff.free, *(round(s * 1000) for s in times)]

        async def ask() -> Admission:
            wait_ms, failures = await self._run(_BEGIN, key, *arguments)
            return Admission(wait_ms / 1000, failures)

        return await self._ask(ask(), lambda: self._local.begin(key, backoff))

    async def undo(self, key: str) -> None:
        await self._ask(self._run(_UNDO, key), lambda: self._local.undo(key))

    async def clear(self, key: str) -> None:
        await self._ask(self._run(_CLEAR, key), lambda: self._local.clear(key))

    async def remember(self, account: str, address: str, keep_s: float) -> None:
        await self._ask(
            self._run(_REMEMBER, f"known:{account}", address, round(keep_s * 1000), ADDRESSES),
            lambda: self._local.remember(account, address, keep_s),
        )

    async def remembers(self, account: str, address: str) -> bool:
        async def ask() -> bool:
            return bool(await self._run(_REMEMBERS, f"known:{account}", address))

        return await self._ask(ask(), lambda: self._local.remembers(account, address))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _run(self, script: str, key: str, *arguments: str | float) -> Any:
        async with self._connecting:
            client = self._client = self._client or await _connect(self._access)
        return await client.eval(script, 1, self._prefix + key, *arguments)

    async def _ask(self, ask: Coroutine[Any, Any, T], instead: Callable[[], Awaitable[T]]) -> T:
        if time.monotonic() < self._away_until:
            ask.close()
            return await instead()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await ask
        except Exception as error:  # whatever it is, players sign in
            self._away_until = time.monotonic() + AWAY_S
            logger.warning("this node alone counts failed sign-ins", extra={"why": repr(error)})
            return await instead()


async def _connect(access: RedisAccess) -> Redis | RedisCluster:
    arguments = access.client_arguments("synchub-sign-in", TIMEOUT_S)
    client = Redis.from_url(access.url, **arguments)
    try:
        clustered = (await client.info("cluster"))["cluster_enabled"]
    except BaseException:
        await client.aclose()
        raise
    if not clustered:
        return client
    await client.aclose()
    cluster = RedisCluster.from_url(access.url, **arguments)
    try:
        return await cluster.initialize()
    except BaseException:
        await cluster.aclose()
        raise
