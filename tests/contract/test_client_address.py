"""Whose request it is, when proxies stand in front: over raw sockets."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from ipaddress import ip_address

import pytest
import pytest_asyncio

from adapters.inbound.server.client_address import AddressSource
from tests.support.eventually import eventually
from tests.support.raw_server import HANDSHAKE, TEXT, Server, client_frame, running

PROXY = "127.0.0.1"
GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
V2 = b"\r\n\r\n\x00\r\nQUIT\n"


def v2(source: str, *, command: int = 0x21, family: int | None = None, tail: bytes = b"") -> bytes:
    """A header of version 2 for a connection from this address."""
    packed = ip_address(source).packed
    addresses = packed + packed + struct.pack("!HH", 5000, 443) + tail
    family = family or (0x11 if len(packed) == 4 else 0x21)
    return V2 + struct.pack("!BBH", command, family, len(addresses)) + addresses


HEADERS = {
    "v1": (b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 443\r\n", "192.0.2.7"),
    "v1 IPv6": (b"PROXY TCP6 2001:db8::7 2001:db8::1 5000 443\r\n", "2001:db8::7"),
    "v1 unknown": (b"PROXY UNKNOWN\r\n", PROXY),
    "v1 unknown, addresses": (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", PROXY),
    "v2": (v2("192.0.2.7"), "192.0.2.7"),
    "v2 IPv6": (v2("2001:db8::7"), "2001:db8::7"),
    "v2 with extensions": (v2("192.0.2.7", tail=b"\x04\x00\x02ab"), "192.0.2.7"),
    "v2 local": (v2("192.0.2.7", command=0x20), PROXY),
    "v2 unspecified": (V2 + b"\x21\x00\x00\x00", PROXY),
}
WRONG = {
    "none": GET,
    "none, WebSocket": HANDSHAKE,
    "v1 version of address": b"PROXY TCP4 2001:db8::7 2001:db8::1 5000 443\r\n" + GET,
    "v1 no address": b"PROXY TCP4 999.0.2.7 192.0.2.1 5000 443\r\n" + GET,
    "v1 port": b"PROXY TCP4 192.0.2.7 192.0.2.1 70000 443\r\n" + GET,
    "v1 protocol": b"PROXY UDP4 192.0.2.7 192.0.2.1 5000 443\r\n" + GET,
    "v1 too long": b"PROXY UNKNOWN " + b"x" * 200,
    "v1 lower case": b"proxy TCP4 192.0.2.7 192.0.2.1 5000 443\r\n" + GET,
    "v2 version": v2("192.0.2.7", command=0x11) + GET,
    "v2 command": v2("192.0.2.7", command=0x22) + GET,
    "v2 UDP": v2("192.0.2.7", family=0x12) + GET,
    "v2 too short": V2 + b"\x21\x11\x00\x04" + b"xxxx" + GET,
    "v2 too long": V2 + b"\x21\x11\xff\xff" + GET,
}


@pytest_asyncio.fixture(scope="module")
async def servers() -> AsyncIterator[dict[str, Server]]:
    """One for each way in which a proxy, which is the test, may name its client."""
    async with AsyncExitStack() as stack:
        yield {
            source.value: await stack.enter_async_context(
                running(address_source=source, proxies="127.0.0.0/8")
            )
            for source in AddressSource
        }


@pytest.fixture
def server(servers: dict[str, Server]) -> Server:
    """The one behind the PROXY protocol."""
    return servers["proxy_protocol"]


@pytest.mark.parametrize(("header", "expected"), HEADERS.values(), ids=HEADERS)
async def test_the_proxy_protocol_names_the_client(
    server: Server, header: bytes, expected: str
) -> None:
    """In the scopes of calls and of sockets, on the first request and on later ones."""
    client = await server.client()
    for _ in range(2):
        client.send(header + GET)
        assert (await client.answer())[2].decode() == expected
        header = b""
    client.send(HANDSHAKE)
    assert await client.status() == 101
    assert server.callers[-1] == expected


@pytest.mark.parametrize("header", [b"PROXY TCP4 192.0.2.7 192.0.2.1 1 2\r\n", v2("192.0.2.7")])
async def test_the_header_may_come_in_pieces(server: Server, header: bytes) -> None:
    """Byte by byte, before a handshake."""
    client = await server.client()
    for byte in header + HANDSHAKE:
        client.send(bytes([byte]))
        await client.writer.drain()
    assert await client.status() == 101
    assert server.callers[-1] == "192.0.2.7"
    client.send(client_frame(TEXT, b"hello"))
    assert await asyncio.wait_for(server.messages.get(), 10) == "hello"


@pytest.mark.parametrize("sent", WRONG.values(), ids=WRONG)
async def test_a_wrong_header_is_cut_off(server: Server, sent: bytes) -> None:
    """A proxy that must send one and does not is not answered."""
    refused, callers = server.refused("proxy_header"), len(server.callers)
    client = await server.client()
    client.send(sent)
    await client.end()
    assert server.refused("proxy_header") == refused + 1
    assert len(server.callers) == callers


async def test_a_header_of_a_stranger_is_not_believed() -> None:
    """Only those who are named as proxies may send one; for others it is a malformed request."""
    async with running(address_source="proxy_protocol", proxies="192.0.2.1") as server:
        client = await server.client()
        client.send(b"PROXY TCP4 192.0.2.7 192.0.2.1 5000 443\r\n" + GET)
        assert await client.status() == 400
        await client.end()


FORWARDED = {
    "one": ("forwarded", "Forwarded: for=192.0.2.7", "192.0.2.7"),
    "case and more": ("forwarded", 'forwarded: By=x;FOR="192.0.2.7:80";proto=http', "192.0.2.7"),
    "IPv6": ("forwarded", 'Forwarded: for="[2001:db8::7]:4711"', "2001:db8::7"),
    "made up": ("forwarded", "Forwarded: for=10.9.9.9, for=192.0.2.7", "192.0.2.7"),
    "two headers": ("forwarded", "Forwarded: for=1.1.1.1\r\nForwarded: for=2.2.2.2", "2.2.2.2"),
    "two proxies": ("forwarded", "Forwarded: for=192.0.2.7, for=127.0.0.1", "192.0.2.7"),
    "hidden": ("forwarded", "Forwarded: for=9.9.9.9, for=_hidden", PROXY),
    "unknown": ("forwarded", "Forwarded: for=unknown", PROXY),
    "none": ("forwarded", "X-Forwarded-For: 192.0.2.7", PROXY),
    "x": ("x_forwarded_for", "X-Forwarded-For: 192.0.2.7", "192.0.2.7"),
    "x made up": ("x_forwarded_for", "X-Forwarded-For: 10.9.9.9, 192.0.2.7", "192.0.2.7"),
    "x two proxies": ("x_forwarded_for", "X-Forwarded-For: 192.0.2.7, 127.0.0.1", "192.0.2.7"),
    "x with port": ("x_forwarded_for", "X-Forwarded-For: 192.0.2.7:4711", "192.0.2.7"),
    "x IPv6": ("x_forwarded_for", "X-Forwarded-For: 2001:db8::7", "2001:db8::7"),
    "x nonsense": ("x_forwarded_for", "X-Forwarded-For: 192.0.2.7, <script>", PROXY),
    "x none": ("x_forwarded_for", "Forwarded: for=192.0.2.7", PROXY),
    "socket": ("socket", "Forwarded: for=192.0.2.7", PROXY),
}


@pytest.mark.parametrize(("source", "header", "expected"), FORWARDED.values(), ids=FORWARDED)
async def test_a_header_names_the_client(
    servers: dict[str, Server], source: str, header: str, expected: str
) -> None:
    """The last address that is no proxy of ours, by the one header that is configured."""
    line, server = f"{header}\r\n".encode(), servers[source]
    client = await server.client()
    client.send(GET[:-2] + line + b"\r\n")
    assert (await client.answer())[2].decode() == expected
    client.send(HANDSHAKE[:-2] + line + b"\r\n")
    assert await client.status() == 101
    assert server.callers[-1] == expected


async def test_a_strangers_forwarded_is_not_believed() -> None:
    """Whoever is no proxy speaks for himself."""
    async with running(address_source="forwarded", proxies="192.0.2.1") as server:
        client = await server.client()
        client.send(GET[:-2] + b"Forwarded: for=192.0.2.7\r\n\r\n")
        assert (await client.answer())[2].decode() == PROXY


@pytest.mark.parametrize("source", ["proxy_protocol", "forwarded"])
async def test_clients_behind_a_proxy_are_counted_apart(source: str) -> None:
    """One of them connects too often; another is served, and so is the proxy."""

    def handshake(address: str) -> bytes:
        if source == "forwarded":
            return HANDSHAKE[:-2] + f"Forwarded: for={address}\r\n\r\n".encode()
        return v2(address) + HANDSHAKE

    async def status(server: Server, address: str) -> int:
        client = await server.client()
        client.send(handshake(address))
        return await client.status()

    async with running(
        address_source=source, proxies=PROXY, handshakes_per_address=2, sockets_per_address=9
    ) as server:
        greedy = [await status(server, "192.0.2.7") for _ in range(4)]
        assert greedy == [101, 101, 429, 429]
        assert await status(server, "192.0.2.8") == 101
        assert server.refused("handshakes_per_address") == 2


async def test_sockets_behind_a_proxy_are_counted_until_they_close() -> None:
    """The place of a socket that has gone is free again."""
    handshake = HANDSHAKE[:-2] + b"Forwarded: for=192.0.2.7\r\n\r\n"
    async with running(address_source="forwarded", proxies=PROXY, sockets_per_address=1) as server:
        first = await server.client()
        first.send(handshake)
        assert await first.status() == 101
        second = await server.client()
        second.send(handshake)
        assert await second.status() == 429
        first.writer.close()

        async def free() -> bool:
            client = await server.client()
            client.send(handshake)
            return await client.status() == 101

        await eventually(free)
