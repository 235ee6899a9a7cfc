"""Options of the server's TCP sockets, set so that a slow or lost peer shows."""

import socket
from array import array
from contextlib import suppress
from fcntl import ioctl
from termios import TIOCOUTQ

UNSENT_BYTES = 64 * 1024
"""What the kernel may hold of a socket's data beyond what is on its way. More would hide that a
peer is slow, and would be memory that nobody counts."""

LOST_AFTER_MS = 45_000
"""A peer that acknowledges nothing of what was sent for so long is gone."""

_OPTIONS = {
    "TCP_NODELAY": 1,  # uvloop sets it anyway, asyncio only if the socket names its protocol
    "TCP_NOTSENT_LOWAT": UNSENT_BYTES,
    "TCP_USER_TIMEOUT": LOST_AFTER_MS,
}


def set_options(sock: socket.socket) -> None:
    """Prepare a listening socket: the sockets that it accepts inherit its options. Options that the
    system does not know are left out (Linux knows all of them); the rest works without."""
    for name, value in _OPTIONS.items():
        if (option := getattr(socket, name, None)) is not None:
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, option, value)


def unacknowledged_bytes(sock: socket.socket) -> int:
    """Bytes that the system holds of what was sent, because the peer's system has not acknowledged
    them; 0 where the system does not tell."""
    count = array("i", [0])
    with suppress(OSError, ValueError):
        ioctl(sock.fileno(), TIOCOUTQ, count)
    return count[0]
