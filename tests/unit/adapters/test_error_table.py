"""The table of errors is complete."""

import ast
from collections.abc import Callable
from functools import partial
from pathlib import Path

import attrs
import pytest
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
)

from adapters.inbound.cli.reference import error_reference
from adapters.inbound.errors.error_table import ERROR_CODES, code_of, row_of
from adapters.inbound.server.refusals import REFUSALS, Refusal
from application.frames.close_codes import CloseCode
from application.hub.drain import ShuttingDown
from application.ports.rate_limiter import RateLimit
from application.ports.storage.unit_of_work import StorageUnavailable
from bootstrap.container.limits import limits_of
from bootstrap.settings.limits import LimitSettings
from domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InsufficientGold,
    InvalidInput,
    NotFound,
    Overloaded,
    TooManyRequests,
    Unauthenticated,
)

ROOT = Path(__file__).parents[3]
ROWS = {(entry.code, entry.row) for entry in ERROR_CODES}
NOT_ERRORS = {"unknown_message"}
"""Codes of `error` frames, which close nothing."""


def raised_codes() -> set[tuple[str, str]]:
    """Every `code="…"` that stands in the product, with the class it is raised with."""
    found = set()
    for package in ("domain", "application", "adapters"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    for keyword in node.keywords:
                        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant):
                            found.add((str(keyword.value.value), node.func.id))
    return found


CLASSES: dict[str, Callable[[str], DomainError]] = {
    "Conflict": Conflict,
    "DomainError": DomainError,
    "Forbidden": Forbidden,
    "InvalidInput": partial(InvalidInput, "field"),
    "NotFound": NotFound,
    "Overloaded": partial(Overloaded, code="overloaded", retry_after_s=1),
    "TooManyRequests": partial(TooManyRequests, code="too_many_requests", retry_after_s=1),
    "Unauthenticated": Unauthenticated,
}
"""How to make an error of each class from a message."""


@pytest.mark.parametrize(("code", "cls"), sorted(raised_codes()))
def test_every_code_that_is_raised_is_in_the_table(code: str, cls: str) -> None:
    """Each code is in the row of its class."""
    if code in NOT_ERRORS:
        return
    assert (code, row_of(CLASSES[cls]("message"))) in ROWS


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_what_the_server_refuses_is_in_the_table(refusal: Refusal) -> None:
    """Its responses have the table's status, title and code."""
    rows = [entry.row for entry in ERROR_CODES if entry.code == refusal.code]
    assert [(row.status, row.title) for row in rows] == [(refusal.status, refusal.title)]


@pytest.mark.parametrize("limit", attrs.astuple(limits_of(LimitSettings()), recurse=False))
def test_limits_are_in_the_table(limit: RateLimit) -> None:
    """Each has a code."""
    assert (limit.code, row_of(CLASSES["TooManyRequests"]("message"))) in ROWS


def test_codes_are_found() -> None:
    """The search finds codes in domain, application and frames."""
    codes = {code for code, _ in raised_codes()}
    assert {"token_expired", "wallet_full", "unknown_message"} <= codes


def test_codes_are_unique() -> None:
    assert len(ROWS) == len(ERROR_CODES)


@pytest.mark.parametrize(
    ("error", "status", "code", "close_code"),
    [
        (Unauthenticated("x", code="token_missing"), 401, "token_missing", 4401),
        (Forbidden("x", code="admin_only"), 403, "admin_only", 4403),
        (NotFound("x", code="unknown_round"), 404, "unknown_round", 4401),
        (Conflict("x", code="round_settled"), 409, "round_settled", 1011),
        (InsufficientGold(needed=2, available=1), 409, "insufficient_gold", 1011),
        (InvalidInput("bet_amount", "x"), 422, "invalid_input", 3500),
        (Overloaded("x", code="sign_in_busy", retry_after_s=1), 503, "sign_in_busy", 1011),
        (
            TooManyRequests("x", code="too_many_sockets", retry_after_s=1),
            429,
            "too_many_sockets",
            4429,
        ),
        (ShuttingDown(), 503, "shutting_down", 3001),
        (StorageUnavailable("x"), 503, "storage_unavailable", 1011),
        (ZeroDivisionError(), 500, "internal_error", 1011),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_how_an_error_is_reported(
    error: Exception, status: int, code: str, close_code: int
) -> None:
    """An error has its status and code over HTTP, and its close code on a socket."""
    row = row_of(error)
    assert (row.status, code_of(error), row.close_code) == (status, code, close_code)
    assert (code, row) in ROWS
    assert row.close_code in CloseCode


@pytest.mark.parametrize(
    ("error", "status", "code", "title"),
    [
        (NotFoundException(), 404, "no_such_route", "Not found"),
        (MethodNotAllowedException(), 405, "method_not_allowed", "Method not allowed"),
        (ClientException(status_code=418), 418, "request_failed", "Malformed request"),
    ],
    ids=["404", "405", "418"],
)
def test_how_the_frameworks_errors_are_reported(
    error: HTTPException, status: int, code: str, title: str
) -> None:
    """Errors of the framework keep their status and have the table's title."""
    row = row_of(error)
    assert (row.status, code_of(error), row.title) == (status, code, title)


def test_the_reference_is_current() -> None:
    """If this fails, run `synchub errors > docs/errors.md`."""
    assert (ROOT / "docs" / "errors.md").read_text("utf-8") == error_reference()
