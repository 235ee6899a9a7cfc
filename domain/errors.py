"""The exceptions with which use cases refuse a request.

DomainError
├── Unauthenticated       the caller is not signed in
├── Forbidden             the caller is signed in but lacks the right
├── NotFound              the object does not exist
├── Conflict              not possible in the current state
│   └── InsufficientGold
├── InvalidInput          a value that is invalid in any state
├── TooManyRequests       more than a limit allows
└── Overloaded            the server has too much of this to do at the moment

Each has a stable, machine-readable `code`. Adapters map the classes to HTTP statuses and close
codes (`adapters.inbound.errors.error_table`).
"""

from typing import ClassVar


class DomainError(Exception):
    """Base class. `code` is part of the public contract; `str(error)` is a message for people."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        """`code` replaces the code of the class by a more specific one."""
        super().__init__(message)
        self.error_code = code or self.code


class Unauthenticated(DomainError):
    """The credentials or the token are missing, invalid, expired or revoked."""

    code = "unauthenticated"


class Forbidden(DomainError):
    """The caller is known but does not have the role that the operation needs."""

    code = "forbidden"


class NotFound(DomainError):
    """The object that the request names does not exist, or belongs to another user."""

    code = "not_found"


class Conflict(DomainError):
    """The request is valid but not possible in the current state."""

    code = "conflict"


class InsufficientGold(Conflict):
    """The balance does not cover the amount."""

    code = "insufficient_gold"

    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__(f"{needed} gold needed, {available} available")


class TooManyRequests(DomainError):
    """More than a limit allows. It is possible again after `retry_after_s` seconds. `quota` is the
    limit: its name, an amount, and the seconds in which that may be used."""

    code = "too_many_requests"

    def __init__(
        self,
        message: str,
        *,
        code: str,
        retry_after_s: float,
        quota: tuple[str, int, int] | None = None,
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s
        self.quota = quota


class InvalidInput(DomainError):
    """A value that violates its rules. `field` is the name of the input field."""

    code = "invalid_input"

    def __init__(self, field: str, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field


class Overloaded(DomainError):
    """The server cannot do this now, whoever asks. `retry_after_s` is when to ask again."""

    code = "overloaded"

    def __init__(self, message: str, *, code: str, retry_after_s: float) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s
