"""What every command and result of a player's use case has in common."""

from hashlib import sha256
from typing import Self
from uuid import UUID

from attrs import evolve, field, frozen


@frozen(kw_only=True)
class Command:
    """One request of one player. The key, if there is one, makes repeating it harmless."""

    user_id: int
    idempotency_key: str | None = field(default=None, repr=False)

    @property
    def fingerprint(self) -> str:
        """Equal for equal requests, whatever their key."""
        return sha256(repr(self).encode()).hexdigest()


@frozen(kw_only=True)
class EventRef:
    """An event that a request caused, as its devices will see it."""

    id: UUID
    type: str
    seq: int


@frozen(kw_only=True)
class Result:
    """Base of all answers; `events` lets a client recognise its own echo."""

    success: bool = True
    events: tuple[EventRef, ...] = ()

    def naming(self, events: tuple[EventRef, ...]) -> Self:
        return evolve(self, events=events)
