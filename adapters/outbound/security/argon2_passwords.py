"""Password hashing with Argon2id (RFC 9106), with the parameters of argon2-cffi."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from application.ports.passwords import Passwords

CONCURRENT_HASHES = 2
"""Limit of concurrent hashes. One takes tens of milliseconds of a core and 64 MiB; others wait."""

_hasher = PasswordHasher()


class Argon2Passwords(Passwords):
    """Hashes on threads, a few at a time; argon2 releases the interpreter lock (GIL)."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(CONCURRENT_HASHES)

    async def hash(self, password: str) -> str:
        async with self._slots:
            return await asyncio.to_thread(_hasher.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        async with self._slots:
            matches = await asyncio.to_thread(_verify, password, password_hash or _decoy())
        return matches and password_hash is not None


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    """A hash with the same cost, verified if there is no account: a constant response time."""
    return _hasher.hash("nobody's password")
