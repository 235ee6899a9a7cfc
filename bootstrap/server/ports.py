"""The ports that a node listens on: the main one, and the one for management, if it has one."""

import socket

from bootstrap.settings.settings import Settings

BACKLOG = 2048

Address = tuple[str, int]


class PortTaken(Exception):
    """Somebody else listens there."""


def addresses(settings: Settings) -> list[Address]:
    """The main address first."""
    return [(settings.host, settings.port), *management_addresses(settings)]


def management_addresses(settings: Settings) -> list[Address]:
    """One, or none if the main port serves management."""
    port = settings.management_port()
    return [] if port is None else [(settings.management.host, port)]


def bind_management(settings: Settings) -> list[socket.socket]:
    """Listeners of a single process. PortTaken if the port is."""
    return [_bound(address, socket.SO_REUSEADDR) for address in management_addresses(settings)]


def shared_listener(host: str, port: int) -> socket.socket:
    """One of several workers' listeners on one address."""
    listener = _bound((host, port), socket.SO_REUSEADDR, socket.SO_REUSEPORT)
    listener.listen(BACKLOG)
    return listener


def check_ports(settings: Settings) -> None:
    """PortTaken if a port is. With SO_REUSEPORT alone, two deployments could share a port without
    noticing."""
    for address in addresses(settings):
        _bound(address, socket.SO_REUSEADDR).close()


def _bound(address: Address, *options: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    bound = socket.socket(family)
    for option in options:
        bound.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise PortTaken(f"{address[0]}:{address[1]}: {error.strerror}") from error
    return bound
