"""The front protocol and the WebSocket connection against clients that keep to no rule.

Raw sockets, since no client library would send such things.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from adapters.inbound.websocket.transport.websocket_connection import MAX_UNREAD_REPLIES
from application.frames.frame import Frame
from application.ports.telemetry import Counted
from bootstrap.settings.limits import LimitSettings
from tests.support.raw_server import (
    CONT,
    HANDSHAKE,
    HIGH_WATER,
    PING,
    TEXT,
    TIMEOUT_S,
    Server,
    client_frame,
    running,
)

LIMITS = LimitSettings()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    async with running() as started:
        yield started


# The first request head


async def test_a_head_may_come_in_pieces(server: Server) -> None:
    """The heads of a call and of a handshake are sent byte by byte."""
    for request, expected in ((b"GET / HTTP/1.1\r\nHost: test\r\n\r\n", 200), (HANDSHAKE, 101)):
        client = await server.client()
        for byte in request:
            client.send(bytes([byte]))
            await client.writer.drain()
        assert await client.status() == expected


async def test_frames_may_come_with_the_handshake(server: Server) -> None:
    """Frames in the same packet as the handshake are not lost."""
    client = await server.client()
    client.send(HANDSHAKE + client_frame(TEXT, b"first") + client_frame(TEXT, b"second"))
    assert await client.status() == 101
    async with asyncio.timeout(TIMEOUT_S):
        assert [await server.messages.get() for _ in range(2)] == ["first", "second"]


async def test_a_connection_may_be_upgraded_after_calls(server: Server) -> None:
    """A handshake after a call on the same connection is accepted, as proxies reuse connections."""
    client = await server.client()
    client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    assert (await client.answer())[0] == 200
    client.send(HANDSHAKE)
    assert await client.status() == 101
    client.send(client_frame(TEXT, b"hello"))
    assert await asyncio.wait_for(server.messages.get(), TIMEOUT_S) == "hello"


async def test_a_head_that_never_ends_is_refused(server: Server) -> None:
    """A head that is too large is answered with 431."""
    client = await server.client()
    client.send(b"GET / HTTP/1.1\r\nX-Padding: " + b"x" * (LIMITS.head_bytes + 1))
    assert await client.status() == 431
    await client.end()
    assert server.telemetry.counts[Counted.REFUSED_HANDSHAKES, "head_too_large"] == 1


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost:"], ids=["nothing", "a part"])
async def test_a_head_that_is_late_is_refused(sent: bytes) -> None:
    """An incomplete head is answered with 408; a silent connection is closed."""
    async with running(head_s=0.1) as server:
        client = await server.client()
        client.send(sent)
        if sent:
            assert await client.status() == 408
        await client.end()
        assert server.telemetry.counts[Counted.REFUSED_HANDSHAKES, "head_too_late"] == 1


async def test_a_client_that_gives_up_leaves_nothing_behind(server: Server) -> None:
    """After a client closed in the middle of its head, other clients are served."""
    client = await server.client()
    client.send(HANDSHAKE[:50])
    client.writer.close()
    other = await server.socket()
    other.send(client_frame(TEXT, b"still served"))
    assert await asyncio.wait_for(server.messages.get(), TIMEOUT_S) == "still served"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (HANDSHAKE.replace(b"Version: 13", b"Version: 12"), 400),
        (HANDSHAKE.replace(b"GET", b"POST"), 405),
        (HANDSHAKE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"short"), 400),
        (HANDSHAKE.replace(b"Host: test\r\n", b"A: " + b"x" * 9000 + b"\r\n"), 400),
    ],
    ids=["version", "method", "key", "line over 8 KiB"],
)
async def test_a_bad_handshake_is_refused(server: Server, request_: bytes, expected: int) -> None:
    """The answer is an HTTP error, and the connection is closed."""
    client = await server.client()
    client.send(request_)
    assert await client.status() == expected
    await client.end()
    assert server.telemetry.total(Counted.REFUSED_HANDSHAKES) == 1


# Frames of every kind


async def test_fragments_become_one_message(server: Server) -> None:
    """Control frames between fragments are answered."""
    client = await server.socket()
    client.send(
        client_frame(TEXT, b"one ", fin=False)
        + client_frame(PING, b"?")
        + client_frame(CONT, "zwölf".encode()[:3], fin=False)
        + client_frame(CONT, "zwölf".encode()[3:])
    )
    assert await asyncio.wait_for(server.messages.get(), TIMEOUT_S) == "one zwölf"
    assert await client.frame() == (0xA, b"?")


@pytest.mark.parametrize("opcode", [CONT, TEXT, PING, 0xA])
async def test_frames_over_budget_end_the_connection(server: Server, opcode: int) -> None:
    """Frames of every kind count, because an empty continuation frame costs as much to parse."""
    client = await server.socket()
    flood = client_frame(TEXT, b"x", fin=False) if opcode == CONT else b""
    flood += client_frame(opcode, fin=opcode != CONT) * (LIMITS.frames_per_10s + 1)
    client.send(flood)
    assert await client.close_code() == 4429
    await client.end()
    await asyncio.wait_for(server.ended.get(), TIMEOUT_S)
    assert server.telemetry.counts[Counted.CLOSES, "frame_budget"] == 1


async def test_nothing_is_parsed_after_a_violation(server: Server) -> None:
    """Valid frames before the violation are handled; frames after it are not."""
    client = await server.socket()
    unmasked = b"\x81\x01x"
    client.send(client_frame(TEXT, b"valid") + unmasked + client_frame(TEXT, b"late"))
    assert await client.close_code() == 1002
    await client.end()
    assert await asyncio.wait_for(server.messages.get(), TIMEOUT_S) == "valid"
    assert server.messages.empty()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (client_frame(TEXT, b"\xff\xfe"), 1007),
        (client_frame(TEXT, b"\xf0\x9f", fin=False) + client_frame(CONT, b"\x98"), 1007),
        (client_frame(CONT, b"x"), 1002),
        (client_frame(TEXT, b"x", fin=False) + client_frame(TEXT, b"y"), 1002),
        (client_frame(PING, b"x" * 126), 1002),
        (client_frame(0x3), 1002),
        (b"\xc1\x80" + b"mask", 1002),
        (client_frame(TEXT, b"x" * 60_000, fin=False) + client_frame(CONT, b"x" * 60_000), 1009),
    ],
    ids=["utf-8", "utf-8 in pieces", "continues nothing", "interleaved", "large ping", "opcode",
         "reserved bit", "too large in pieces"],
)  # fmt: skip
async def test_violations_have_their_codes(server: Server, data: bytes, code: int) -> None:
    """Close codes are those of RFC 6455, section 7.4.1, and nothing is logged as an error."""
    client = await server.socket()
    client.send(data)
    assert await client.close_code() == code
    await client.end()
    await asyncio.wait_for(server.ended.get(), TIMEOUT_S)


async def test_the_first_fault_of_a_packet_counts(server: Server) -> None:
    """What follows it is ignored, and the close frame still arrives."""
    client = await server.socket()
    client.send(client_frame(TEXT, b"\xff") * 3 + client_frame(TEXT, b"late"))
    assert await client.close_code() == 1007
    await client.end()
    assert server.messages.empty()
    assert server.telemetry.counts[Counted.CLOSES, "invalid_utf8"] == 1


async def test_replies_that_nobody_reads_stop_the_reading(server: Server) -> None:
    """The server stops reading from a client that causes replies and does not read them, until it
    has read them."""
    client = await server.socket()
    connection = await server.sockets.get()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    frame = Frame(b"x" * 60_000)
    while connection.buffered_bytes() < HIGH_WATER:
        connection.write(frame)
        await asyncio.sleep(0)
    client.send(client_frame(TEXT, b"heard"))
    assert await asyncio.wait_for(server.messages.get(), TIMEOUT_S) == "heard"
    client.send(client_frame(PING, b"?" * 125) * (MAX_UNREAD_REPLIES // 125 + 1))
    async with asyncio.timeout(TIMEOUT_S):
        while connection.transport.is_reading():  # noqa: ASYNC110 (nothing tells)
            await asyncio.sleep(0.01)
    client.send(client_frame(TEXT, b"late"))
    assert server.messages.empty()
    client.writer.transport.resume_reading()  # type: ignore[attr-defined]
    reading = asyncio.create_task(client.end())
    assert await asyncio.wait_for(server.messages.get(), TIMEOUT_S) == "late"
    reading.cancel()
