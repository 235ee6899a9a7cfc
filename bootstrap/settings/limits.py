"""Settings of what users and addresses may cost."""

import typed_settings as ts

from adapters.inbound.server.client_address import AddressSource, parse_networks
from bootstrap.settings.choices import LimitStorage
from bootstrap.settings.options import checked, number


@ts.settings(frozen=True)
class LimitSettings:
    """What users and addresses may cost, and how the address of a client is known."""

    frames_per_10s: int = number(
        200, "frames of any kind that a socket may send in ten seconds, from 10", 10, 10**9
    )
    bytes_per_10s: int = number(
        256 * 1024, "bytes that a socket may send in ten seconds, from 4096", 4096, 10**12
    )
    message_bytes: int = number(
        64 * 1024, "bytes of a message from a client, from 1024", 1024, 2**24
    )
    head_bytes: int = number(
        32 * 1024, "bytes of a request line and its headers, from 4096", 4096, 2**20
    )
    head_s: float = number(
        10.0, "seconds that a request head or a sign-in on a socket may take, from 0.1", 0.1, 600
    )
    body_bytes: int = number(64 * 1024, "bytes of a request body, from 1024", 1024, 2**24)
    body_s: float = number(
        20.0, "seconds that a request body may take to arrive, from 0.1", 0.1, 600
    )
    idle_s: int = number(75, "seconds that an idle HTTP connection stays open, from 1", 1, 3600)
    unread_s: float = number(
        30.0, "seconds after which a client that reads nothing is cut off, from 0.1", 0.1, 600
    )
    pipelined_requests: int = number(
        16, "requests that may wait for answers before them, from 0", 0, 10_000
    )
    sockets_per_user: int = number(
        50, "WebSockets and event streams of a user, over all nodes, from 1", 1, 10**9
    )
    sockets_per_address: int = number(1000, "connections of an address to a node, from 1", 1, 10**9)
    handshakes_per_address: int = number(
        1000, "connections that an address may open in ten seconds, from 1", 1, 10**9
    )
    requests_per_address: int = number(
        5000, "requests of an address in ten seconds, from 1", 1, 10**9
    )
    requests_per_user: int = number(300, "requests of a user in ten seconds, from 1", 1, 10**9)
    sign_ups_per_address: int = number(
        100, "accounts that an address may open in an hour, from 1", 1, 10**9
    )
    storage: LimitStorage = ts.option(
        default=LimitStorage.AUTO, help="auto (redis if the broadcaster is), memory or redis"
    )
    keys: int = number(
        50_000, "users or addresses that a node counts per limit and window, from 100", 100, 10**8
    )
    address_source: AddressSource = ts.option(
        default=AddressSource.SOCKET,
        help="socket, or what the proxies send: proxy_protocol, forwarded or x_forwarded_for",
    )
    proxies: str = ts.option(
        default="",
        help="networks or addresses of proxies, comma-separated",
        validator=checked(parse_networks),
    )
