"""WebSocket close codes of the wire contract."""

from collections.abc import Mapping
from enum import IntEnum

from attrs import frozen


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


@frozen
class Closing:
    """What a close code means, and what the client should do."""

    meaning: str
    advice: str


CLOSINGS: Mapping[CloseCode, Closing] = {
    CloseCode.SHUTDOWN: Closing(
        "The node shuts down.",
        "Return after `after_ms` of the frame `reconnect`, with `since`.",
    ),
    CloseCode.TOKEN_EXPIRED: Closing(
        "The access token expired, or the account has changed since.",
        "Refresh the token, then return with `since`.",
    ),
    CloseCode.NO_PROGRESS: Closing("The client took nothing for too long.", "Return with `since`."),
    CloseCode.DISCONNECTED: Closing("An operator disconnected the user.", "Return with `since`."),
    CloseCode.BAD_REQUEST: Closing(
        "The request is invalid, for example an `accept` that is not served.",
        "Do not return with the same request.",
    ),
    CloseCode.UNAUTHENTICATED: Closing(
        "There is no token, or it is invalid, expired or revoked.",
        "Refresh the token once; if that fails, sign in.",
    ),
    CloseCode.FORBIDDEN: Closing("Not allowed, or the endpoint is switched off.", "Do not return."),
    CloseCode.BUDGET_EXCEEDED: Closing(
        "Over a limit: messages, frames or bytes of the socket, or sockets of the user.",
        "Return after a pause, and send less.",
    ),
    CloseCode.INTERNAL_ERROR: Closing("An internal error.", "Return after a pause, with `since`."),
    CloseCode.NORMAL: Closing("The client closed, and the server answers.", "Nothing."),
}
"""Of every code."""
