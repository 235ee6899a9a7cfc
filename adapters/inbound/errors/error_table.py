"""The one table from refusals to HTTP statuses and WebSocket close codes."""

from attrs import frozen

from application.frames.close_codes import CloseCode
from application.hub.drain import ShuttingDown
from application.ports.storage.unit_of_work import StorageUnavailable
from domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    Unauthenticated,
)


@frozen
class Answer:
    """How a kind of refusal is told: over HTTP, and on a socket."""

    status: int
    title: str
    close_code: CloseCode


_ANSWERS: dict[type[Exception], Answer] = {
    Unauthenticated: Answer(401, "Not signed in", CloseCode.UNAUTHENTICATED),
    Forbidden: Answer(403, "Not allowed", CloseCode.FORBIDDEN),
    NotFound: Answer(404, "Not found", CloseCode.UNAUTHENTICATED),
    Conflict: Answer(409, "Not possible now", CloseCode.INTERNAL_ERROR),
    InvalidInput: Answer(422, "Invalid input", CloseCode.BAD_REQUEST),
    ShuttingDown: Answer(503, "Shutting down", CloseCode.SHUTDOWN),
    StorageUnavailable: Answer(503, "Try again soon", CloseCode.INTERNAL_ERROR),
}
_CODES = {StorageUnavailable: "storage_unavailable", ShuttingDown: "shutting_down"}
_FAULT = Answer(500, "Internal error", CloseCode.INTERNAL_ERROR)


def answer_to(error: Exception) -> Answer:
    """The entry of the error's class or of its nearest ancestor."""
    return next((_ANSWERS[cls] for cls in type(error).__mro__ if cls in _ANSWERS), _FAULT)


def code_of(error: Exception) -> str:
    """The stable code that clients may rely on."""
    if isinstance(error, DomainError):
        return error.error_code
    return _CODES.get(type(error), "internal_error")
