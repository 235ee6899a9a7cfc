"""Errors as `application/problem+json` (RFC 9457), every one of them.

Beyond the standard members: `code` is stable and machine-readable; `errors` names the wrong fields
of a request.
"""

import logging
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from adapters.inbound.errors.error_table import code_of, row_of
from application.hub.drain import ShuttingDown
from application.ports.storage.unit_of_work import StorageUnavailable
from domain.errors import DomainError, InvalidInput

logger = logging.getLogger("synchub.http")

AnyRequest = Request[Any, Any, Any]
Problem = Response[dict[str, object]]

RETRY_AFTER = {"Retry-After": "1"}


def problem(
    *,
    status: int,
    title: str,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Problem:
    """A problem as a response."""
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return Response(
        {**body, **members},
        status_code=status,
        media_type="application/problem+json",
        headers=dict(headers or {}),
    )


def _told(
    error: Exception,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Problem:
    """An error as the table tells it."""
    row = row_of(error)
    return problem(
        status=row.status,
        title=row.title,
        code=code_of(error),
        detail=detail,
        headers=headers,
        **members,
    )


def _refused(_: AnyRequest, error: DomainError) -> Problem:
    members: dict[str, object] = {}
    if isinstance(error, InvalidInput):
        members["errors"] = [{"field": error.field, "message": str(error)}]
    headers = {"WWW-Authenticate": "Bearer"} if row_of(error).status == 401 else {}
    return _told(error, str(error), headers, **members)


def _invalid(_: AnyRequest, error: ValidationException) -> Problem:
    """The parameters of a handler could not be made from the request."""
    found = error.extra if isinstance(error.extra, list) else []
    errors = [_wrong_field(item) for item in found if isinstance(item, dict)]
    detail = "; ".join(f"{item['field']}: {item['message']}" for item in errors)
    return _told(InvalidInput("", ""), detail or error.detail, errors=errors)


def _wrong_field(item: dict[str, str]) -> dict[str, str]:
    """To Litestar, a missing body is a missing argument `data`, and no more."""
    if item.get("key") == "data":
        return {"field": "body", "message": "must not be empty"}
    return {"field": item.get("key") or "body", "message": item.get("message", "")}


def _http_error(_: AnyRequest, error: HTTPException) -> Problem:
    return _told(error, error.detail, error.headers)


def _shutting_down(_: AnyRequest, error: ShuttingDown) -> Problem:
    return _told(error, str(error), RETRY_AFTER)


def _unavailable(_: AnyRequest, error: StorageUnavailable) -> Problem:
    logger.warning("storage unavailable", extra={"why": str(error)})
    return _told(error, "the database cannot be used at the moment", RETRY_AFTER)


def _fault(request: AnyRequest, error: Exception) -> Problem:
    logger.error("unhandled error", exc_info=error, extra={"path": request.url.path})
    return _told(error, "something went wrong on our side")


PROBLEM_HANDLERS: ExceptionHandlersMap = {
    DomainError: _refused,
    ShuttingDown: _shutting_down,
    StorageUnavailable: _unavailable,
    ValidationException: _invalid,
    HTTPException: _http_error,
    Exception: _fault,
}
