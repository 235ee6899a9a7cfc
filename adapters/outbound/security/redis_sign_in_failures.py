"""Failed sign-ins, in Redis: counted over all nodes.

Each operation is one script on one key, so it is atomic and works on a cluster. Every key expires.
Attempts cost a password hash each, so their rate bounds the number of keys.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.exceptions import RedisError

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

_REMEMBER = """
local time = redis.call('TIME')
redis.call('ZADD', KEYS[1], time[1] + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[2])
"""


class RedisSignInFailures(SignInFailures):
    """`local` counts while Redis is away. `client` is a `redis.asyncio` client."""

    def __init__(self, client: Any, prefix: str, local: SignInFailures) -> None:
        self._client = client
        self._prefix = f"{prefix}sign-in:"
        self._local = local
        self._away_until = 0.0
        self._begin = client.register_script(_BEGIN)
        self._undo = client.register_script(_UNDO)
        self._remember = client.register_script(_REMEMBER)

    async def begin(self, key: str, backoff: Backoff) -> Admission:
        async def ask() -> Admission:
            arguments = [
                backoff.free,
                *(int(s * 1000) for s in (backoff.first_s, backoff.limit_s, backoff.forget_s)),
            ]
            wait_ms, failures = await self._begin([self._prefix + key], arguments)
            return Admission(wait_ms / 1000, failures)

        return await self._ask(ask, lambda: self._local.begin(key, backoff))

    async def undo(self, key: str) -> None:
        await self._ask(lambda: self._undo([self._prefix + key]), lambda: self._local.undo(key))

    async def clear(self, key: str) -> None:
        await self._ask(
            lambda: self._client.delete(self._prefix + key), lambda: self._local.clear(key)
        )

    async def remember(self, account: str, address: str, keep_s: float) -> None:
        arguments = [address, int(keep_s), ADDRESSES]
        await self._ask(
            lambda: self._remember([f"{self._prefix}known:{account}"], arguments),
            lambda: self._local.remember(account, address, keep_s),
        )

    async def remembers(self, account: str, address: str) -> bool:
        async def ask() -> bool:
            until = await self._client.zscore(f"{self._prefix}known:{account}", address)
            return until is not None and until > time.time()

        return await self._ask(ask, lambda: self._local.remembers(account, address))

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, ask: Callable[[], Awaitable[T]], instead: Callable[[], Awaitable[T]]) -> T:
        if time.monotonic() < self._away_until:
            return await instead()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await ask()
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = time.monotonic() + AWAY_S
            logger.warning(
                "failed sign-ins are counted by this node alone", extra={"why": repr(error)}
            )
            return await instead()
