"""Close codes of the wire contract. 3000 to 3499: come back; 3500 and above: do not."""

from enum import IntEnum


class CloseCode(IntEnum):
    NORMAL = 1000
    SHUTDOWN = 3001
    TOKEN_EXPIRED = 3005
    NO_PROGRESS = 3008
    BAD_REQUEST = 3500
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    BUDGET_EXCEEDED = 4429
    INTERNAL_ERROR = 1011
