"""Request ids: all log lines of a request carry the same id, as the field `request`.

The id is bound to the context (contextvars) of the task that handles the request. A proxy may send
the id in `X-Request-ID`; otherwise, or if it is malformed, a random one is used.
"""

import re
from typing import Any
from uuid import uuid4

from litestar import Request
from structlog.contextvars import bind_contextvars, get_contextvars

_VALID = re.compile(r"[A-Za-z0-9._-]{1,64}")


async def bind_request_id(request: Request[Any, Any, Any]) -> None:
    """Bind the id of this request. Runs before each request."""
    sent = request.headers.get("x-request-id", "")
    bind_contextvars(request=sent if _VALID.fullmatch(sent) else uuid4().hex)


def request_id() -> str | None:
    """The id of the request that the current task handles; None outside of a request."""
    bound: str | None = get_contextvars().get("request")
    return bound
