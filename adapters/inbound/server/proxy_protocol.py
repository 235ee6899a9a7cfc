"""The PROXY protocol, versions 1 and 2: the header with which a proxy names its client.

https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
"""

import re
import struct
from ipaddress import ip_address
from socket import AF_INET, AF_INET6, inet_ntop

from attrs import frozen

V1_START = b"PROXY "
V1_MAX_BYTES = 107
V2_START = b"\r\n\r\n\x00\r\nQUIT\n"
V2_HEAD_BYTES = 16
V2_MAX_BYTES = 4096
"""More than any proxy sends; the format would allow 64 KiB of extensions."""

_V1 = re.compile(rb"PROXY (TCP4|TCP6) ([0-9a-fA-F.:]+) ([0-9a-fA-F.:]+) (\d{1,5}) (\d{1,5})")
_V1_UNKNOWN = re.compile(rb"PROXY UNKNOWN(?: [^\r\n]*)?")
_LOCAL, _PROXY = 0x20, 0x21
_TCP4, _TCP6 = 0x11, 0x21


class InvalidHeader(Exception):
    """The connection does not begin as it must."""


@frozen
class ProxyHeader:
    """`client` is host and port; None where the proxy speaks for itself, as in health checks.
    `size` is how many bytes the header took."""

    client: tuple[str, int] | None
    size: int


def read_header(data: bytes) -> ProxyHeader | None:
    """The header at the beginning of `data`; None until it is complete."""
    if data.startswith(V2_START):
        return _version_2(data)
    if data.startswith(V1_START):
        return _version_1(data)
    if V2_START.startswith(data) or V1_START.startswith(data):
        return None
    raise InvalidHeader("no PROXY header")


def _version_1(data: bytes) -> ProxyHeader | None:
    end = data.find(b"\r\n", 0, V1_MAX_BYTES)
    if end < 0:
        if len(data) >= V1_MAX_BYTES:
            raise InvalidHeader("too long")
        return None
    line, size = data[:end], end + 2
    if _V1_UNKNOWN.fullmatch(line):
        return ProxyHeader(None, size)
    found = _V1.fullmatch(line)
    if found is None:
        raise InvalidHeader("not of version 1")
    try:
        source, target = (ip_address(found[i].decode()) for i in (2, 3))
    except ValueError as error:
        raise InvalidHeader("not an address") from error
    version = 4 if found[1] == b"TCP4" else 6
    port = int(found[4])
    if {source.version, target.version} != {version} or max(port, int(found[5])) > 65_535:
        raise InvalidHeader("not an address")
    return ProxyHeader((str(source), port), size)


def _version_2(data: bytes) -> ProxyHeader | None:
    if len(data) < V2_HEAD_BYTES:
        return None
    command, family, length = struct.unpack_from("!BBH", data, len(V2_START))
    size = V2_HEAD_BYTES + length
    if command not in (_LOCAL, _PROXY) or size > V2_MAX_BYTES:
        raise InvalidHeader("not of version 2")
    if len(data) < size:
        return None
    if command == _LOCAL:
        return ProxyHeader(None, size)
    block = data[V2_HEAD_BYTES:size]
    if family == _TCP4 and length >= 12:
        (port,) = struct.unpack_from("!H", block, 8)
        return ProxyHeader((inet_ntop(AF_INET, block[:4]), port), size)
    if family == _TCP6 and length >= 36:
        (port,) = struct.unpack_from("!H", block, 32)
        return ProxyHeader((inet_ntop(AF_INET6, block[:16]), port), size)
    if family == 0:
        return ProxyHeader(None, size)
    raise InvalidHeader("not a TCP address")
