"""What every command and result of a player's use case has in common."""

from hashlib import sha256
from typing import Self
from uuid import UUID

from attrs import evolve, frozen


@frozen(kw_only=True)
class Actor:
    """Who sends a command. The key, if there is one, makes repeating it harmless."""

    user_id: int
    idempotency_key: str | None = None


@frozen(kw_only=True)
class Command:
    """What one request asks for. The fields of the class are the body of the request."""

    @property
    def fingerprint(self) -> str:
        """Equal for equal commands."""
        return sha256(repr(self).encode()).hexdigest()


@frozen(kw_only=True)
class EventRef:
    """An event that a command caused, as the player's devices will see it."""

    id: UUID
    type: str
    seq: int


@frozen(kw_only=True)
class Result:
    """Base of all answers; `events` lets a client recognise its own echo."""

    success: bool = True
    events: tuple[EventRef, ...] = ()

    def naming(self, events: tuple[EventRef, ...]) -> Self:
        """The same result with the events it caused."""
        return evolve(self, events=events)
