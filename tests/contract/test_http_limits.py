"""HTTP connections of clients that send too slowly, too much, or read nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio

from adapters.inbound.server.http_connection import DISCARDED, FRAMING
from tests.support.eventually import eventually
from tests.support.raw_server import LARGE, RawClient, Server, running

BODY_BYTES, HEAD_BYTES = 1024, 4096
GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
WAIT = GET.replace(b"/ ", b"/wait ", 1)
POST = b"POST /read HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n"
CHUNKED = b"POST /read HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    """Sizes are small; times are so long that none of these tests reaches them."""
    async with running(
        body_bytes=BODY_BYTES, head_bytes=HEAD_BYTES, head_s=60, body_s=60
    ) as started:
        yield started


@pytest_asyncio.fixture
async def hasty() -> AsyncIterator[Server]:
    """A server whose times are short."""
    async with running(head_s=0.5, body_s=0.5, unread_s=0.5, idle_s=1) as started:
        yield started


async def refused(client: RawClient, status: int, code: str) -> None:
    """The client gets this problem document, and the connection is closed."""
    found, headers, body = await client.answer()
    problem = json.loads(body)
    assert (found, problem["status"], problem["code"]) == (status, status, code)
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    await client.end()


async def trickle(client: RawClient, data: bytes) -> None:
    """Send this again and again, a little at a time, until the server ends the connection."""

    async def send() -> None:
        with suppress(ConnectionError):
            while True:
                client.send(data)
                await client.writer.drain()
                await asyncio.sleep(0.02)

    sending = asyncio.create_task(send())
    await client.end()
    sending.cancel()


async def after_a_call(server: Server) -> RawClient:
    """A connection that has been used before."""
    client = await server.client()
    client.send(GET)
    assert (await client.answer())[0] == 200
    return client


async def test_a_later_head_is_limited_in_size(server: Server) -> None:
    """As the first one: 431."""
    client = await after_a_call(server)
    client.send(GET[:-2] + b"X: " + b"x" * 2 * HEAD_BYTES)
    await refused(client, 431, "head_too_large")
    assert server.refused("head_too_large") == 1


async def test_a_later_head_is_limited_in_time(hasty: Server) -> None:
    """As the first one: 408."""
    client = await after_a_call(hasty)
    client.send(GET[:-2])
    await refused(client, 408, "head_too_late")
    assert hasty.refused("head_too_late") == 1


async def test_a_later_head_that_trickles_is_cut_off(hasty: Server) -> None:
    """Time counts from its first byte, whatever arrives."""
    client = await after_a_call(hasty)
    client.send(GET[:-2])
    await trickle(client, b"X: x\r\n")
    assert hasty.refused("head_too_late") == 1


async def test_a_body_that_never_comes_is_cut_off(hasty: Server) -> None:
    """It was announced: 408, and the application need not wait any longer."""
    client = await hasty.client()
    client.send(POST)
    await refused(client, 408, "body_too_late")
    await asyncio.wait_for(hasty.ended.get(), 10)
    assert hasty.refused("body_too_late") == 1


@pytest.mark.parametrize(
    ("head", "data"), [(POST.replace(b"10", b"9999"), b"x"), (CHUNKED, b"1\r\nx\r\n")]
)
async def test_a_body_that_trickles_is_cut_off(hasty: Server, head: bytes, data: bytes) -> None:
    """Announced or in chunks: time counts from the end of the head."""
    client = await hasty.client()
    client.send(head)
    await trickle(client, data)
    assert hasty.refused("body_too_late") == 1


async def test_a_body_that_never_ends_is_refused(server: Server) -> None:
    """What its chunks are framed in counts, too: 413."""
    client = await server.client()
    client.send(CHUNKED + b"1\r\nx\r\n" * (FRAMING * BODY_BYTES // 6 + 1000))
    await refused(client, 413, "body_too_large")
    assert server.refused("body_too_large") == 1


async def test_a_body_is_not_read_for_ever_after_the_answer(server: Server) -> None:
    """The client has its answer; the rest is thrown away, up to a size."""
    client = await server.client()
    client.send(CHUNKED.replace(b"/read", b"/"))
    assert (await client.answer())[0] == 200
    await trickle(client, (b"400\r\n" + b"x" * 1024 + b"\r\n") * DISCARDED)
    assert server.refused("body_too_large") == 1


async def test_a_body_in_pieces_is_read(server: Server) -> None:
    """Byte by byte, within its time, and the connection goes on."""
    client = await server.client()
    for byte in POST + b"0123456789":
        client.send(bytes([byte]))
        await client.writer.drain()
    assert (await client.answer())[2] == b"10"
    client.send(GET)
    assert (await client.answer())[0] == 200


async def test_a_connection_that_sends_nothing_of_use_is_closed(hasty: Server) -> None:
    """Empty lines between requests do not keep it open."""
    client = await after_a_call(hasty)
    await trickle(client, b"\r\n")
    assert hasty.refused("idle") == 1


async def test_a_slow_application_is_waited_for(hasty: Server) -> None:
    """The times are for clients: one that waits for its answer is not cut off."""
    patient = await hasty.client()
    patient.send(WAIT)
    for _ in range(3):  # each takes longer than any of the times
        late = await hasty.client()
        late.send(POST)
        await refused(late, 408, "body_too_late")
    hasty.released.set()
    assert (await patient.answer())[0] == 200


async def test_few_requests_may_be_pipelined(server: Server) -> None:
    """They are answered in order."""
    client = await server.client()
    client.send(POST + b"0123456789" + GET + POST + b"0123456789")
    assert [(await client.answer())[2] for _ in range(3)] == [b"10", b"127.0.0.1", b"10"]


async def test_many_requests_may_not_be_pipelined(server: Server) -> None:
    """While the first is not answered, the others would only take memory."""
    client = await server.client()
    client.send(WAIT + GET * 10_000)
    await client.end()
    assert server.refused("pipelined") == 1


async def test_a_client_that_reads_no_answer_is_cut_off(hasty: Server) -> None:
    """It would hold the answer's memory for ever."""
    client = await hasty.client()
    client.writer.transport.pause_reading()  # type: ignore[attr-defined]
    client.send(GET.replace(b"/ ", b"/large ", 1))

    async def cut_off() -> bool:
        return hasty.refused("answer_not_read") == 1

    await eventually(cut_off)


async def test_a_client_that_reads_gets_its_answer(server: Server) -> None:
    """However large it is."""
    client = await server.client()
    client.send(GET.replace(b"/ ", b"/large ", 1))
    assert len((await client.answer())[2]) == LARGE


async def test_what_is_no_http_is_refused(server: Server) -> None:
    """400, as a problem document."""
    client = await server.client()
    client.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await refused(client, 400, "malformed_request")
    assert server.refused("malformed") == 1
