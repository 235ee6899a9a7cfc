"""The context of a request: its id in the log, its actor, its `Idempotency-Key`.

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

_PROCESS = secrets.token_hex(4)
_numbers = count(1)
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

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


async def bind_request_id(request: Request[Any, Any, Any]) -> None:
    """Run before each request. Our own ids are a number per process: random ones would cost each
    request more than all the rest of this."""
    sent = request.headers.get("x-request-id", "")
    bind_contextvars(request=sent if _SANE_ID.fullmatch(sent) else f"{_PROCESS}-{next(_numbers)}")
