"""Base classes of the commands and results of players' use cases."""

from hashlib import sha256
from typing import Any, Self
from uuid import UUID

from attrs import Attribute, evolve, frozen


@frozen(kw_only=True)
class Actor:
    """The player whose transaction a command is, with the Idempotency-Key of the request, if any.

    `operator_id` is the sender, if that is an operator and not the player.
    """

    user_id: int
    idempotency_key: str | None = None
    operator_id: int | None = None

    @property
    def stored_key(self) -> str | None:
        """The key under which the result is stored. Those of operators are apart from those of the
        player: no header can hold the separator, so no player can use up such a key."""
        if self.idempotency_key is None or self.operator_id is None:
            return self.idempotency_key
        return f"\x1f{self.operator_id}\x1f{self.idempotency_key}"

    @property
    def cause(self) -> str | None:
        """The key by which devices of the player recognize their own echo. An operator's key says
        nothing to them, and could be equal to one of theirs."""
        return None if self.operator_id is not None else self.idempotency_key


@frozen(kw_only=True)
class Command:
    """Base class of commands. The fields of a command are the body of its request."""

    @property
    def fingerprint(self) -> str:
        """A hash of the class and all fields, equal for equal commands. Detects an Idempotency-Key
        that is reused for another command."""
        return sha256(repr(self).encode()).hexdigest()


SERVER_SIDE = {"server_side": True}
"""The metadata of a field of a command that no body contains."""


def is_server_side(attribute: "Attribute[Any]") -> bool:
    """Whether the field has the metadata SERVER_SIDE."""
    return bool(attribute.metadata.get("server_side"))


@frozen(kw_only=True)
class EventRef:
    """A reference to an event that a command caused; devices receive that event over the socket."""

    id: UUID
    type: str
    seq: int


@frozen(kw_only=True)
class Result:
    """Base class of results. `events` are the events of the request, so that a client can recognize
    and skip its own echo."""

    success: bool = True
    events: tuple[EventRef, ...] = ()

    def with_events(self, events: tuple[EventRef, ...]) -> Self:
        """A copy of the result with these events."""
        return evolve(self, events=events)
