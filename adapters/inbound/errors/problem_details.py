"""Errors as `application/problem+json` (RFC 9457), every one of them.

Beyond the standard members: `code` is stable and machine-readable; `errors` names the wrong
fields of a request.
"""

import logging
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from adapters.inbound.errors.error_table import answer_to, code_of
from application.hub.drain import ShuttingDown
from application.ports.storage.unit_of_work import StorageUnavailable
from domain.errors import DomainError, InvalidInput

logger = logging.getLogger("synchub.http")

AnyRequest = Request[Any, Any, Any]

_CODES = {
    400: "malformed_request",
    404: "no_such_route",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


def problem(
    *,
    status: int,
    title: str,
    code: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    **members: object,
) -> Response[dict[str, object]]:
    """A problem as a response."""
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return Response(
        {**body, **members},
        status_code=status,
        media_type="application/problem+json",
        headers=dict(headers or {}),
    )


def _refused(_: AnyRequest, error: DomainError) -> Response[dict[str, object]]:
    answer = answer_to(error)
    members: dict[str, object] = {}
    if isinstance(error, InvalidInput):
        members["errors"] = [{"field": error.field, "message": str(error)}]
    headers = {"WWW-Authenticate": "Bearer"} if answer.status == 401 else {}
    return problem(
        status=answer.status,
        title=answer.title,
        code=code_of(error),
        detail=str(error),
        headers=headers,
        **members,
    )


def _invalid(_: AnyRequest, error: ValidationException) -> Response[dict[str, object]]:
    """Litestar could not make the parameters of a handler from the request."""
    found = error.extra if isinstance(error.extra, list) else []
    errors = [_wrong_field(item) for item in found if isinstance(item, dict)]
    return problem(
        status=422,
        title="Invalid input",
        code="invalid_input",
        detail="; ".join(f"{item['field']}: {item['message']}" for item in errors) or error.detail,
        errors=errors,
    )


def _wrong_field(item: dict[str, str]) -> dict[str, str]:
    """A missing body is to Litestar a missing argument `data`, and no more."""
    if item.get("key") == "data":
        return {"field": "body", "message": "must not be empty"}
    return {"field": item.get("key") or "body", "message": item.get("message", "")}


def _http_error(_: AnyRequest, error: HTTPException) -> Response[dict[str, object]]:
    status = error.status_code
    return problem(
        status=status,
        title=type(error).__name__.removesuffix("Exception"),
        code=_CODES.get(status, "request_failed"),
        detail=error.detail,
        headers=error.headers,
    )


def _shutting_down(_: AnyRequest, error: ShuttingDown) -> Response[dict[str, object]]:
    answer = answer_to(error)
    return problem(
        status=answer.status,
        title=answer.title,
        code=code_of(error),
        detail=str(error),
        headers={"Retry-After": "1"},
    )


def _unavailable(_: AnyRequest, error: StorageUnavailable) -> Response[dict[str, object]]:
    logger.warning("storage unavailable: %s", error)
    return problem(
        status=503,
        title="Try again soon",
        code=code_of(error),
        detail="the database cannot be used at the moment",
        headers={"Retry-After": "1"},
    )


def _fault(request: AnyRequest, error: Exception) -> Response[dict[str, object]]:
    logger.error("unhandled error", exc_info=error, extra={"path": request.url.path})
    return problem(
        status=500,
        title="Internal error",
        code="internal_error",
        detail="something went wrong on our side",
    )


PROBLEM_HANDLERS: ExceptionHandlersMap = {
    DomainError: _refused,
    ShuttingDown: _shutting_down,
    StorageUnavailable: _unavailable,
    ValidationException: _invalid,
    HTTPException: _http_error,
    Exception: _fault,
}
