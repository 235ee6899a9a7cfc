"""The context of a request: its id in the log, its actor, its `Idempotency-Key`.

Deployed clients send the key as `X-Idempotency-Key`, which means the same.

The id is bound to the context of the request's task, and every log line of that task carries it as
`request`. A proxy may send its own in `X-Request-ID`.
"""

import re
import secrets
from itertools import count
from typing import Annotated, Any

from litestar import Request
from litestar.params import HeaderParameter
from structlog.contextvars import bind_contextvars

from adapters.inbound.access.guards import SignedInRequest
from application.transactions.command import Actor
from domain.errors import InvalidInput

_PROCESS = secrets.token_hex(4)
_numbers = count(1)
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_PRINTABLE = "[ -~]"
_KEY = re.compile(_PRINTABLE + "{1,128}")

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=128,
        pattern=f"^{_PRINTABLE}*$",
        description="Repeating a request with the same key returns the first result. "
        "`X-Idempotency-Key` is another name of this header.",
    ),
]


def actor_of(request: SignedInRequest, idempotency_key: str | None) -> Actor:
    """The sender of the command. InvalidInput if the other header has no valid key, or another
    one."""
    other = request.headers.get("x-idempotency-key")
    if other is not None:
        if not _KEY.fullmatch(other):
            raise InvalidInput("X-Idempotency-Key", "must be 1 to 128 printable characters")
        if idempotency_key not in (None, other):
            raise InvalidInput(
                "X-Idempotency-Key",
                "must have the same value as Idempotency-Key",
                code="idempotency_keys_differ",
            )
    return Actor(user_id=request.user.user_id, idempotency_key=other or idempotency_key)


async def bind_request_id(request: Request[Any, Any, Any]) -> None:
    """Run before each request. Our own ids are a number per process: random ones would cost each
    request more than all the rest of this."""
    sent = request.headers.get("x-request-id", "")
    bind_contextvars(request=sent if _SANE_ID.fullmatch(sent) else f"{_PROCESS}-{next(_numbers)}")
