"""The context of a request: its id in the log, its actor, its `Idempotency-Key`.

Deployed clients send the key as `X-Idempotency-Key`, which means the same; it may stand in a body,
too, where the reader of that body allows it.

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


_KEY_IN_BODY = "synchub.idempotency_key"
"""In the scope of a request whose body holds the key."""


def set_key_of_body(request: Request[Any, Any, Any], key: str) -> None:
    """Note the Idempotency-Key that stands in the body of the request."""
    request.scope[_KEY_IN_BODY] = key  # type: ignore[literal-required]


def _key_in_body(request: Request[Any, Any, Any]) -> str | None:
    scope: Any = request.scope
    key: str | None = scope.get(_KEY_IN_BODY)
    return key


def key_of(request: Request[Any, Any, Any], idempotency_key: str | None) -> str | None:
    """The Idempotency-Key of a request, wherever it stands; `idempotency_key` is that of its own
    header. InvalidInput if it is not valid, or if there are different ones."""
    others = (
        ("X-Idempotency-Key", request.headers.get("x-idempotency-key")),
        ("idempotency_key", _key_in_body(request)),
    )
    for name, other in others:
        if other is None:
            continue
        if not _KEY.fullmatch(other):
            raise InvalidInput(name, "must be 1 to 128 printable characters")
        if idempotency_key not in (None, other):
            raise InvalidInput(
                name, "must have the same value as Idempotency-Key", code="idempotency_keys_differ"
            )
        idempotency_key = other
    return idempotency_key


def actor_of(request: SignedInRequest, idempotency_key: str | None) -> Actor:
    """The sender of the command. InvalidInput, see `key_of`."""
    key = key_of(request, idempotency_key)
    return Actor(user_id=request.user.user_id, idempotency_key=key)


async def bind_request_id(request: Request[Any, Any, Any]) -> None:
    """Run before each request. Our own ids are a number per process: random ones would cost each
    request more than all the rest of this."""
    sent = request.headers.get("x-request-id", "")
    bind_contextvars(request=sent if _SANE_ID.fullmatch(sent) else f"{_PROCESS}-{next(_numbers)}")
