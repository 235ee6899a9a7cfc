"""Shared parameters of calls that change state: the actor and the `Idempotency-Key` header."""

from typing import Annotated

from litestar.params import HeaderParameter

from adapters.inbound.access.guards import SignedInRequest
from application.transactions.command import Actor

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern="^[ -~]*$",
        description="Repeating a request with the same key returns the first result.",
    ),
]


def actor_of(request: SignedInRequest, idempotency_key: str | None) -> Actor:
    """The sender of the command."""
    return Actor(user_id=request.user.user_id, idempotency_key=idempotency_key)
