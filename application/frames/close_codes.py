"""WebSocket close codes of the wire contract (DESIGN, "The wire contract")."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Why the server closes a socket.

    A client reconnects after 3000 to 3499, and not after 3500 to 4999: 4401 needs another token,
    4403 another role, 4429 a slower client. 1000 to 1011 are defined by RFC 6455, section 7.4.1.
    """

    NORMAL = 1000
    SHUTDOWN = 3001
    TOKEN_EXPIRED = 3005
    NO_PROGRESS = 3008
    DISCONNECTED = 3010
    BAD_REQUEST = 3500
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    BUDGET_EXCEEDED = 4429
    INTERNAL_ERROR = 1011
