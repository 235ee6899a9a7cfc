"""The server's TCP sockets, set up so that a slow or lost peer shows.

`HubHttpProtocol` is uvicorn's own HTTP protocol, through which every connection begins, those that
become WebSockets included. It is given to uvicorn as `http=HubHttpProtocol`.
"""

import socket
from array import array
from asyncio import BaseTransport
from contextlib import suppress
from fcntl import ioctl
from termios import TIOCOUTQ

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

UNSENT_BYTES = 64 * 1024
"""What the kernel may hold of a socket's data beyond what is on its way. More would hide that a
peer is slow, and would be memory that nobody counts."""

LOST_AFTER_MS = 45_000
"""A peer that acknowledges nothing of what was sent for so long is gone."""

_OPTIONS = {"TCP_NOTSENT_LOWAT": UNSENT_BYTES, "TCP_USER_TIMEOUT": LOST_AFTER_MS}


class HubHttpProtocol(HttpToolsProtocol):
    """One connection of uvicorn's, on a socket that hides nothing."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        if (sock := transport.get_extra_info("socket")) is not None:
            set_up(sock)


def set_up(sock: socket.socket) -> None:
    """Set what the system knows (all of it on Linux); the rest works without."""
    for name, value in _OPTIONS.items():
        if (option := getattr(socket, name, None)) is not None:
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, option, value)


def unacknowledged(sock: socket.socket) -> int:
    """Bytes that the system holds of what was sent, since the peer's has not confirmed them; 0
    where the system does not tell."""
    count = array("i", [0])
    with suppress(OSError, ValueError):
        ioctl(sock.fileno(), TIOCOUTQ, count)
    return count[0]
