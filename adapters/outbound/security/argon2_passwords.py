"""Password hashing with Argon2id (RFC 9106), with the parameters of argon2-cffi."""

import secrets
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from adapters.outbound.security.hash_queue import HashQueue
from application.ports.passwords import Passwords
from domain.passwords import normalized


class Argon2Passwords(Passwords):
    """Hashes on the threads of the queue; argon2 releases the interpreter lock (GIL)."""

    def __init__(self, queue: HashQueue, hasher: PasswordHasher | None = None) -> None:
        self._queue = queue
        self._hasher = hasher or PasswordHasher()
        self._decoy = _decoy(self._hasher)

    async def hash(self, password: str, address: str = "") -> str:
        return await self._queue.run(address, lambda: self._hasher.hash(normalized(password)))

    async def verify(self, password: str, password_hash: str | None, address: str = "") -> bool:
        compared = password_hash or self._decoy
        matches = await self._queue.run(address, lambda: self._matches(password, compared))
        return matches and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        return self._hasher.check_needs_rehash(password_hash)

    def waiting(self) -> int:
        return self._queue.waiting()

    def _matches(self, password: str, password_hash: str) -> bool:
        """Earlier versions did not normalize, so a password may match as it is."""
        return any(
            self._verify(form, password_hash)
            for form in dict.fromkeys((normalized(password), password))
        )

    def _verify(self, password: str, password_hash: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False


def _decoy(hasher: PasswordHasher) -> str:
    """A hash that costs as much to verify as those of the hasher, and that fits no password. It is
    written, not computed: to compute it at the first sign-in would make that one slower."""
    salt, digest = secrets.token_bytes(hasher.salt_len), secrets.token_bytes(hasher.hash_len)
    parameters = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    encoded = (b64encode(part).decode().rstrip("=") for part in (salt, digest))
    return "$".join(("", "argon2id", "v=19", parameters, *encoded))
