"""One id per request, in all of its log lines.

The id is bound to the context of the request's task, and every log line of that task carries it as
`request`. A proxy may send its own in `X-Request-ID`.
"""

import re
from typing import Any
from uuid import uuid4

from litestar import Request
from structlog.contextvars import bind_contextvars, get_contextvars

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


async def bind_request_id(request: Request[Any, Any, Any]) -> None:
    """Run before each request."""
    sent = request.headers.get("x-request-id", "")
    bind_contextvars(request=sent if _SANE.fullmatch(sent) else uuid4().hex)


def request_id() -> str | None:
    """The id of the request that this task handles."""
    bound: str | None = get_contextvars().get("request")
    return bound
