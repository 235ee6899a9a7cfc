"""Whose request it is: the peer of the socket, or whom a known proxy names.

Only proxies that are configured are believed, and only in the one way that is configured: whoever
else sends such a header has merely made it up.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from attrs import field, frozen

Network = IPv4Network | IPv6Network

SUBSCRIBER_BITS = 64
"""One IPv6 subscriber has at least so much of an address for himself."""


class AddressSource(StrEnum):
    """How proxies tell the address of a client."""

    SOCKET = "socket"
    PROXY_PROTOCOL = "proxy_protocol"
    FORWARDED = "forwarded"
    X_FORWARDED_FOR = "x_forwarded_for"


def parse_networks(text: str) -> tuple[Network, ...]:
    """Networks or single addresses, comma-separated; ValueError if one is neither."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


@lru_cache(maxsize=16_384)
def address_key(host: str) -> str:
    """What an address is counted under: itself, or its /64 network (IPv6)."""
    if ":" not in host:
        return host
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Network((address, SUBSCRIBER_BITS), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


@frozen(kw_only=True)
class AddressPolicy:
    """Which proxies are believed, and how they tell."""

    source: AddressSource = AddressSource.SOCKET
    proxies: Sequence[Network] = ()
    _known: dict[str, bool] = field(factory=dict, init=False, eq=False)

    @property
    def reads_headers(self) -> bool:
        """Whether each request may be of another client."""
        return self.source in (AddressSource.FORWARDED, AddressSource.X_FORWARDED_FOR)

    def trusts(self, host: str) -> bool:
        """Whether this is a proxy of ours. Proxies are exempt from the limits of addresses."""
        if not self.proxies:
            return False
        known = self._known.get(host)
        if known is None:
            if len(self._known) >= 4096:
                self._known.clear()
            known = self._known[host] = self._is_proxy(host)
        return known

    def client_of(self, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        """Whom a proxy's request is of: the last address in its headers that is no proxy of ours.
        None if the proxy does not say, or says something that is no address."""
        name = b"forwarded" if self.source is AddressSource.FORWARDED else b"x-forwarded-for"
        text = b",".join(value for key, value in headers if key == name).decode("latin-1")
        last: str | None = None
        for element in reversed(text.split(",")):
            if not element.strip():
                continue
            node = _forwarded_for(element) if name == b"forwarded" else element
            host = _host(node)
            if host is None:
                return last
            last = host
            if not self.trusts(host):
                return host
        return last

    def _is_proxy(self, host: str) -> bool:
        try:
            address = ip_address(host.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None)
        return any((mapped or address) in network for network in self.proxies)


def _forwarded_for(element: str) -> str:
    """The value of `for` in one element of a Forwarded header (RFC 7239, section 4)."""
    for pair in element.split(";"):
        name, _, value = pair.partition("=")
        if name.strip().lower() == "for":
            return value.strip().strip('"')
    return ""


def _host(node: str) -> str | None:
    """The address of `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`."""
    node = node.strip()
    if node.startswith("["):
        node = node[1:].partition("]")[0]
    elif node.count(":") == 1:
        node = node.partition(":")[0]
    try:
        return str(ip_address(node))
    except ValueError:
        return None
