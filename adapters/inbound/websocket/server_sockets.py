"""The server's TCP sockets, set up so that a slow or lost peer shows.

`set_up` is for the sockets that listen. `HubHttpProtocol` is uvicorn's own HTTP protocol, through
which every connection begins, those that become WebSockets included; it is given to uvicorn as
`http=HubHttpProtocol`.
"""

import socket
from array import array
from asyncio import BaseTransport, Transport
from contextlib import suppress
from fcntl import ioctl
from termios import TIOCOUTQ
from typing import cast

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import is_ssl

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


class HubHttpProtocol(HttpToolsProtocol):
    """One connection of uvicorn's."""

    def connection_made(self, transport: BaseTransport) -> None:
        """As uvicorn does it, but for the addresses: asking the system for them takes a twelfth of
        a handshake, and nobody looks at them."""
        self.connections.add(self)
        self.transport = cast("Transport", transport)
        self.flow = FlowControl(self.transport)
        self.server = self.client = None
        self.scheme = "https" if is_ssl(self.transport) else "http"


def set_up(sock: socket.socket) -> None:
    """Prepare a listening socket: what it accepts inherits its options. Set is what the system
    knows (all of it on Linux); the rest works without."""
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
