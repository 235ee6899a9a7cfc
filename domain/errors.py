"""Everything a use case may refuse, as exceptions.

DomainError
├── Unauthenticated       who are you?
├── Forbidden             you may not
├── NotFound              there is no such thing
├── Conflict              not in this state
│   └── InsufficientGold
└── InvalidInput          a value that no state would accept

Each carries a stable, machine-readable `code`; adapters decide on statuses and close codes.
"""

from typing import ClassVar


class DomainError(Exception):
    """Base of all refusals. `code` is part of the public contract, `str(error)` is for people."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.error_code = code or self.code


class Unauthenticated(DomainError):
    code = "unauthenticated"


class Forbidden(DomainError):
    code = "forbidden"


class NotFound(DomainError):
    code = "not_found"


class Conflict(DomainError):
    code = "conflict"


class InsufficientGold(Conflict):
    code = "insufficient_gold"

    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__(f"{needed} gold needed, {available} available")


class InvalidInput(DomainError):
    """A value outside its rules; `field` names the input that holds it."""

    code = "invalid_input"

    def __init__(self, field: str, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field
