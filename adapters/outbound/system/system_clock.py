"""The machine's clock, randomness and identifiers."""

import secrets
import time
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils.compat

from application.ports.clock import Clock
from application.ports.ids import Ids
from domain.randomness import Randomness


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()


class SystemRandomness(Randomness):
    """The operating system's cryptographic generator: no player can foretell it."""

    def below(self, bound: int) -> int:
        return secrets.randbelow(bound)


class SystemIds(Ids):
    def event_id(self) -> UUID:
        return uuid_utils.compat.uuid7()

    def secret(self) -> str:
        return secrets.token_urlsafe(24)
