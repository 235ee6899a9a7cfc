"""Passwords as Argon2id hashes."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from application.ports.passwords import Passwords

CONCURRENT_HASHES = 2
"""A hash takes tens of milliseconds of a core and 64 MiB; a burst of logins waits its turn."""

_hasher = PasswordHasher()


class Argon2Passwords(Passwords):
    """Hashes on threads (argon2 releases the interpreter lock), a few at a time."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(CONCURRENT_HASHES)

    async def hash(self, password: str) -> str:
        async with self._turns:
            return await asyncio.to_thread(_hasher.hash, password)

    async def verify(self, password: str, password_hash: str | None) -> bool:
        async with self._turns:
            matches = await asyncio.to_thread(_verify, password, password_hash or _decoy())
        return matches and password_hash is not None


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    """A hash of the same cost as real ones, for accounts that do not exist."""
    return _hasher.hash("nobody's password")
