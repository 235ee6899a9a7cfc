"""Password hashing that costs nothing, is counted, and waits until it is told to go on."""

import threading
from typing import Literal

from argon2 import PasswordHasher


class GatedHasher(PasswordHasher):
    """`verified` and `hashed` have the passwords in the order in which the work began. While the
    gate is closed, no work ends."""

    def __init__(self, time_cost: int = 1) -> None:
        super().__init__(time_cost=time_cost, memory_cost=8, parallelism=1)
        self.verified: list[str] = []
        self.hashed: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    @property
    def operations(self) -> int:
        return len(self.verified) + len(self.hashed)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 (inherited)
        self.verified.append(str(password))
        assert self.gate.wait(60)
        return super().verify(hash, password)

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.hashed.append(str(password))
        assert self.gate.wait(60)
        return super().hash(password, salt=salt)
