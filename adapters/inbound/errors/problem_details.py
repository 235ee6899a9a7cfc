"""Every error as `application/problem+json` (RFC 9457), those of the web framework included.

Extension members: `code` is stable and machine-readable; `errors` lists the invalid fields of the
request.
"""

import logging
from collections.abc import Mapping
from math import ceil
from typing import Any, TypeAlias

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from adapters.inbound.errors.error_table import code_of, row_of
from adapters.inbound.server.refusals import limit_headers
from application.hub.drain import ShuttingDown
from application.ports.storage.unit_of_work import StorageUnavailable
from domain.errors import DomainError, InvalidInput, Overloaded, TooManyRequests

logger = logging.getLogger("synchub.http")

AnyRequest = Request[Any, Any, Any]
Problem = Response[dict[str, object]]

Refusal: TypeAlias = DomainError | ShuttingDown | StorageUnavailable
REFUSALS = (DomainError, ShuttingDown, StorageUnavailable)
"""What a refused request is refused with; everything else is a fault of ours."""

NO_STORE = {"cache-control": "no-store"}
"""In lower case, so that routes override it with Litestar's `cache_control`."""

RETRY_AFTER = {"Retry-After": "1"}
"""In seconds (RFC 9110, section 10.2.3)."""


def problem(
    *,
    status: int,
    title: str,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Problem:
    """Build a problem response. `members` are extension members."""
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return Response(
        {**body, **members},
        status_code=status,
        media_type="application/problem+json",
        headers={**NO_STORE, **(headers or {})},
    )


def _problem_of(
    error: Exception,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Problem:
    """Build the problem response of an error, as the error table defines it."""
    row = row_of(error)
    return problem(
        status=row.status,
        title=row.title,
        code=code_of(error),
        detail=detail,
        headers=headers,
        **members,
    )


def refusal_problem(error: Refusal) -> Problem:
    """The problem response of a refusal that is no fault of ours."""
    if isinstance(error, StorageUnavailable):
        return _problem_of(error, "the database cannot be used at the moment", RETRY_AFTER)
    if isinstance(error, ShuttingDown):
        return _problem_of(error, str(error), RETRY_AFTER)
    members: dict[str, object] = {}
    if isinstance(error, InvalidInput):
        members["errors"] = [{"field": error.field, "message": str(error)}]
    headers: Mapping[str, str] = {}
    if row_of(error).status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    elif isinstance(error, TooManyRequests):
        headers = limit_headers(error)
    elif isinstance(error, Overloaded):
        headers = {"Retry-After": str(ceil(error.retry_after_s))}
    return _problem_of(error, str(error), headers, **members)


def fault_problem(error: Exception, path: str) -> Problem:
    """The problem response of a fault of ours, which is logged."""
    logger.error("unhandled error", exc_info=error, extra={"path": path})
    return _problem_of(error, "something went wrong on our side")


def problem_messages(problem: Problem, event: str = "http.response") -> list[Any]:
    """The ASGI messages of a problem response, where Litestar does not send it."""
    headers = {"content-type": str(problem.media_type), **problem.headers}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    body = msgspec.json.encode(problem.content)
    return [
        {"type": f"{event}.start", "status": problem.status_code, "headers": raw},
        {"type": f"{event}.body", "body": body},
    ]


def _refused(_: AnyRequest, error: Refusal) -> Problem:
    return refusal_problem(error)


def _invalid(_: AnyRequest, error: ValidationException) -> Problem:
    """The request does not match the parameters of its handler."""
    found = error.extra if isinstance(error.extra, list) else []
    errors = [_invalid_field(item) for item in found if isinstance(item, dict)]
    detail = "; ".join(f"{item['field']}: {item['message']}" for item in errors)
    return _problem_of(InvalidInput("", ""), detail or error.detail, errors=errors)


def _invalid_field(item: dict[str, str]) -> dict[str, str]:
    """Name the field. Litestar reports a missing body as a missing argument `data`."""
    if item.get("key") == "data":
        return {"field": "body", "message": "must not be empty"}
    return {"field": item.get("key") or "body", "message": item.get("message", "")}


def _http_error(_: AnyRequest, error: HTTPException) -> Problem:
    return _problem_of(error, error.detail, error.headers)


def _fault(request: AnyRequest, error: Exception) -> Problem:
    return fault_problem(error, request.url.path)


PROBLEM_HANDLERS: ExceptionHandlersMap = {
    DomainError: _refused,
    ShuttingDown: _refused,
    StorageUnavailable: _refused,
    ValidationException: _invalid,
    HTTPException: _http_error,
    Exception: _fault,
}
