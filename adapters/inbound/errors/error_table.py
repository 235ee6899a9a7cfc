"""The table of errors: error class to HTTP status, title and close code, and the list of codes.

There is one row per class of errors. Codes are more specific; they are stable and machine-readable,
and clients may rely on them. `docs/errors.md` is generated from this table by `synchub errors`.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import Enum, auto

from attrs import evolve, frozen
from litestar.exceptions import HTTPException

from adapters.inbound.server.refusals import (
    BODY_TOO_LARGE,
    BODY_TOO_LATE,
    HEAD_TOO_LARGE,
    HEAD_TOO_LATE,
    MALFORMED,
    TOO_MANY,
    Refusal,
)
from application.frames.close_codes import CloseCode
from application.hub.drain import ShuttingDown
from application.ports.storage.unit_of_work import StorageUnavailable
from domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    Overloaded,
    TooManyRequests,
    Unauthenticated,
)


@frozen
class Row:
    """The response to a class of errors: HTTP status and title, and WebSocket close code."""

    status: int
    title: str
    close_code: CloseCode


class Concern(Enum):
    """What a route has or needs, and can therefore be refused for. The codes of all other refusals
    are declared at the handlers."""

    ANY = auto()
    SIGNED_IN = auto()
    OPERATOR = auto()
    REALTIME = auto()
    BODY = auto()
    PARAMETERS = auto()
    PATH = auto()
    STORED = auto()
    IDEMPOTENCY = auto()


@frozen
class ErrorCode:
    """A code, the row of its error class, its meaning for a client, and what it is about."""

    code: str
    row: Row
    meaning: str
    concerns: Collection[Concern] = ()


def _row(refusal: Refusal) -> Row:
    return Row(refusal.status, refusal.title, CloseCode.BAD_REQUEST)


_UNAUTHENTICATED = Row(401, "Not signed in", CloseCode.UNAUTHENTICATED)
_FORBIDDEN = Row(403, "Not allowed", CloseCode.FORBIDDEN)
_NOT_FOUND = Row(404, "Not found", CloseCode.UNAUTHENTICATED)
_CONFLICT = Row(409, "Not possible now", CloseCode.INTERNAL_ERROR)
_INVALID = Row(422, "Invalid input", CloseCode.BAD_REQUEST)
_TOO_MANY = Row(429, TOO_MANY, CloseCode.BUDGET_EXCEEDED)
_SHUTTING_DOWN = Row(503, "Shutting down", CloseCode.SHUTDOWN)
_UNAVAILABLE = Row(503, "Try again soon", CloseCode.INTERNAL_ERROR)
_FAULT = Row(500, "Internal error", CloseCode.INTERNAL_ERROR)
_MALFORMED = _row(MALFORMED)
_METHOD = Row(405, "Method not allowed", CloseCode.BAD_REQUEST)
_TOO_LARGE = _row(BODY_TOO_LARGE)
_MEDIA_TYPE = Row(415, "Unsupported media type", CloseCode.BAD_REQUEST)

_ROWS: Mapping[type[Exception], Row] = {
    Unauthenticated: _UNAUTHENTICATED,
    Forbidden: _FORBIDDEN,
    NotFound: _NOT_FOUND,
    Conflict: _CONFLICT,
    InvalidInput: _INVALID,
    TooManyRequests: _TOO_MANY,
    Overloaded: _UNAVAILABLE,
    ShuttingDown: _SHUTTING_DOWN,
    StorageUnavailable: _UNAVAILABLE,
}

ERROR_CODES: Sequence[ErrorCode] = (
    ErrorCode(
        "token_missing",
        _UNAUTHENTICATED,
        "The call needs an access token.",
        (Concern.SIGNED_IN,),
    ),
    ErrorCode(
        "token_invalid",
        _UNAUTHENTICATED,
        "The access token is malformed or not ours.",
        (Concern.SIGNED_IN,),
    ),
    ErrorCode(
        "token_expired",
        _UNAUTHENTICATED,
        "The access token has expired: refresh it.",
        (Concern.SIGNED_IN,),
    ),
    ErrorCode(
        "token_revoked",
        _UNAUTHENTICATED,
        "The login has ended: sign in again.",
        (Concern.SIGNED_IN,),
    ),
    ErrorCode(
        "token_outdated",
        _UNAUTHENTICATED,
        "The account has changed since the access token was issued: refresh it.",
        (Concern.SIGNED_IN,),
    ),
    ErrorCode(
        "ticket_invalid",
        _UNAUTHENTICATED,
        "The ticket is unknown, used, expired, or bound to another endpoint or origin.",
        (Concern.REALTIME,),
    ),
    ErrorCode(
        "query_token_off",
        _UNAUTHENTICATED,
        "`?token=` is switched off: use a header, a subprotocol or a ticket.",
        (Concern.REALTIME,),
    ),
    ErrorCode("invalid_credentials", _UNAUTHENTICATED, "Unknown site id or wrong password."),
    ErrorCode(
        "refresh_token_invalid",
        _UNAUTHENTICATED,
        "The refresh token is unknown, expired or revoked.",
    ),
    ErrorCode(
        "refresh_token_reused",
        _UNAUTHENTICATED,
        "The refresh token was used before, so it may have been copied: the login was ended.",
    ),
    ErrorCode(
        "account_blocked",
        _FORBIDDEN,
        "The account is blocked: its owner is told so.",
        (Concern.SIGNED_IN,),
    ),
    ErrorCode(
        "admin_only",
        _FORBIDDEN,
        "Only operators may do this.",
        (Concern.OPERATOR,),
    ),
    ErrorCode(
        "origin_not_allowed",
        _FORBIDDEN,
        "Pages of this origin may not open realtime connections.",
        (Concern.REALTIME,),
    ),
    ErrorCode("wrong_user", _FORBIDDEN, "The token of an `auth` belongs to another user."),
    ErrorCode("endpoint_switched_off", _FORBIDDEN, "The deprecated endpoint is switched off."),
    ErrorCode("no_access_declared", _FORBIDDEN, "A bug: the route has no access rule."),
    ErrorCode(
        "unknown_user",
        _NOT_FOUND,
        "The user does not exist.",
        (Concern.IDEMPOTENCY,),
    ),
    ErrorCode(
        "unknown_user",
        _UNAUTHENTICATED,
        "The account of this token does not exist.",
        (Concern.IDEMPOTENCY,),
    ),
    ErrorCode("unknown_login", _NOT_FOUND, "The user has no login with this id."),
    ErrorCode("unknown_product", _NOT_FOUND, "There is no product with this id."),
    ErrorCode("unknown_round", _NOT_FOUND, "The player has no crash round with this id."),
    ErrorCode("insufficient_gold", _CONFLICT, "The balance does not cover the bet or the price."),
    ErrorCode("already_owned", _CONFLICT, "A unique product can be bought once."),
    ErrorCode("wallet_full", _CONFLICT, "The balance would exceed 2^53 - 1."),
    ErrorCode("too_many_open_rounds", _CONFLICT, "A player may have 20 open crash rounds."),
    ErrorCode(
        "open_rounds", _CONFLICT, "Seeds rotate when no crash round is open: cash out or wait."
    ),
    ErrorCode("round_settled", _CONFLICT, "The crash round has been settled already."),
    ErrorCode("streak_already_claimed", _CONFLICT, "Today's bonus has been claimed already."),
    ErrorCode("account_deleted", _CONFLICT, "A deleted account cannot be changed."),
    ErrorCode("last_operator", _CONFLICT, "The last operator keeps the role and the account."),
    ErrorCode("site_id_taken", _CONFLICT, "The site id is taken, ignoring case."),
    ErrorCode(
        "invalid_input",
        _INVALID,
        "A field is missing or outside its rules; see `errors`.",
        (
            Concern.BODY,
            Concern.PARAMETERS,
            Concern.IDEMPOTENCY,
        ),
    ),
    ErrorCode(
        "idempotency_key_reused",
        _INVALID,
        "The Idempotency-Key was used for another command.",
        (Concern.IDEMPOTENCY,),
    ),
    ErrorCode(
        "password_too_common",
        _INVALID,
        "The new password is common, or a variation of the site id or the nickname.",
    ),
    ErrorCode(
        "sign_in_delayed",
        _TOO_MANY,
        "Too many failed attempts with this account or address: wait for `Retry-After` seconds.",
    ),
    ErrorCode(
        "idempotency_keys_differ",
        _INVALID,
        "Idempotency-Key and X-Idempotency-Key have different values.",
        (Concern.IDEMPOTENCY,),
    ),
    ErrorCode(
        "malformed_request",
        _MALFORMED,
        MALFORMED.meaning,
        (Concern.ANY,),
    ),
    ErrorCode("no_such_route", _NOT_FOUND, "There is nothing at this path.", (Concern.PATH,)),
    ErrorCode("method_not_allowed", _METHOD, "The path exists, but not with this method."),
    ErrorCode(
        "body_too_large",
        _TOO_LARGE,
        BODY_TOO_LARGE.meaning,
        (Concern.BODY,),
    ),
    ErrorCode(
        "unsupported_media_type",
        _MEDIA_TYPE,
        "The body must be application/json.",
        (Concern.BODY,),
    ),
    ErrorCode("request_failed", _MALFORMED, "Any other HTTP error of the request."),
    ErrorCode(
        "head_too_large",
        _row(HEAD_TOO_LARGE),
        HEAD_TOO_LARGE.meaning,
        (Concern.ANY,),
    ),
    ErrorCode(
        "head_too_late",
        _row(HEAD_TOO_LATE),
        HEAD_TOO_LATE.meaning,
        (Concern.ANY,),
    ),
    ErrorCode(
        "body_too_late",
        _row(BODY_TOO_LATE),
        BODY_TOO_LATE.meaning,
        (Concern.BODY,),
    ),
    ErrorCode(
        "too_many_requests",
        _TOO_MANY,
        "The user or the address has sent too many requests.",
        (Concern.ANY,),
    ),
    ErrorCode(
        "too_many_handshakes",
        _TOO_MANY,
        "The address has connected too often.",
        (Concern.ANY,),
    ),
    ErrorCode("too_many_sign_ups", _TOO_MANY, "Too many accounts were opened from the address."),
    ErrorCode("too_many_sockets", _TOO_MANY, "The user or the address has too many connections."),
    ErrorCode(
        "shutting_down",
        _SHUTTING_DOWN,
        "The node is shutting down: use another one.",
        (Concern.STORED,),
    ),
    ErrorCode(
        "storage_unavailable",
        _UNAVAILABLE,
        "The database cannot be used at the moment.",
        (Concern.STORED,),
    ),
    ErrorCode(
        "sign_in_busy",
        _UNAVAILABLE,
        "Too many sign in at the moment; nothing was done: retry after `Retry-After` seconds.",
    ),
    ErrorCode(
        "internal_error",
        _FAULT,
        "A bug or an unexpected failure; the server has logged it.",
        (Concern.ANY,),
    ),
)

_BY_STATUS = {
    400: "malformed_request",
    404: "no_such_route",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}
"""Codes of errors that the web framework raises, by HTTP status."""

FIRST_FAULT = 500
"""HTTP statuses from here on are faults of ours."""

_BY_CLASS: Mapping[type[Exception], str] = {
    StorageUnavailable: "storage_unavailable",
    ShuttingDown: "shutting_down",
}


def codes_about(*concerns: Concern) -> list[str]:
    """The codes that a route with these can be refused with."""
    return [entry.code for entry in ERROR_CODES if not set(concerns).isdisjoint(entry.concerns)]


def row_of(error: Exception) -> Row:
    """The row of the error's class, or of its nearest ancestor; 500 if there is none. Errors of the
    web framework have the row of their code, with their own status."""
    if isinstance(error, HTTPException):
        row = next(entry.row for entry in ERROR_CODES if entry.code == code_of(error))
        return evolve(row, status=error.status_code)
    return next((_ROWS[cls] for cls in type(error).__mro__ if cls in _ROWS), _FAULT)


def code_of(error: Exception) -> str:
    """The stable code of an error."""
    if isinstance(error, DomainError):
        return error.error_code
    if isinstance(error, HTTPException):
        other = "request_failed" if error.status_code < FIRST_FAULT else "internal_error"
        return _BY_STATUS.get(error.status_code, other)
    return _BY_CLASS.get(type(error), "internal_error")
