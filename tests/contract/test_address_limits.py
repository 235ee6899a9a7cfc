"""How many connections and requests an address may have; and budgets that outlive a connection."""

import asyncio
import json

import pytest

from adapters.inbound.server.address_limits import OFFENCE
from tests.support.eventually import eventually
from tests.support.raw_server import (
    CONT,
    HANDSHAKE,
    PING,
    TEXT,
    TIMEOUT_S,
    RawClient,
    Server,
    client_frame,
    running,
)

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


async def refused(client: RawClient, code: str, limit: str | None) -> None:
    """429 with a problem document, and headers about this limit."""
    status, headers, body = await client.answer()
    assert (status, json.loads(body)["code"]) == (429, code)
    assert headers["content-type"] == "application/problem+json"
    seconds = int(headers["retry-after"])
    assert seconds >= 1
    if limit is not None:
        assert headers["ratelimit"] == f'"{limit}";r=0;t={seconds}'
        assert headers["ratelimit-policy"].startswith(f'"{limit}";q=')
    await client.end()


@pytest.mark.parametrize("request_", [GET, HANDSHAKE], ids=["call", "handshake"])
async def test_connections_of_an_address_are_limited(request_: bytes) -> None:
    """One too many is refused, until another one has gone."""
    async with running(sockets_per_address=2) as server:
        used, kept = await server.socket(), await server.client()
        kept.send(GET)
        assert (await kept.answer())[0] == 200
        third = await server.client()
        third.send(request_)
        await refused(third, "too_many_sockets", None)
        used.writer.close()

        async def free() -> bool:
            client = await server.client()
            client.send(request_)
            return await client.status() in (101, 200)

        await eventually(free)
        kept.send(GET)
        assert (await kept.answer())[0] == 200


async def test_an_upgraded_connection_counts_until_it_ends() -> None:
    """Once, as the call that it was before and as the socket that it became."""
    async with running(sockets_per_address=1) as server:
        client = await server.client()
        client.send(GET)
        assert (await client.answer())[0] == 200
        client.send(HANDSHAKE)
        assert await client.status() == 101
        other = await server.client()
        other.send(GET)
        await refused(other, "too_many_sockets", None)
        client.writer.close()

        async def free() -> bool:
            last = await server.client()
            last.send(GET)
            return await last.status() == 200

        await eventually(free)


async def test_silent_connections_over_the_limit_are_cut_off() -> None:
    """Far over the limit, not even a request is waited for."""
    async with running(sockets_per_address=2) as server:
        held = [await server.client() for _ in range(4)]
        fifth = await server.client()
        await fifth.end()
        assert server.refused("sockets_per_address") == 3
        held[0].send(GET)
        assert (await held[0].answer())[0] == 200


async def test_operators_are_warned_once(caplog: pytest.LogCaptureFixture) -> None:
    """The address may be a proxy that they have not named."""
    async with running(sockets_per_address=1) as server:
        held = [await server.client() for _ in range(2)]
        for _ in range(2):
            await (await server.client()).end()
        held[1].send(GET)
        assert await held[1].status() == 429
    warnings = [line for line in caplog.messages if "SYNCHUB_LIMITS_PROXIES" in line]
    assert len(warnings) == 1


@pytest.mark.parametrize("request_", [GET, HANDSHAKE], ids=["call", "handshake"])
async def test_an_address_connects_only_so_often(request_: bytes) -> None:
    """Coming back at once does not help."""
    async with running(handshakes_per_address=3) as server:
        for _ in range(3):
            client = await server.socket()
            client.writer.close()
        for _ in range(3):
            client = await server.client()
            client.send(request_)
            await refused(client, "too_many_handshakes", "handshakes_per_address")
        assert server.refused("handshakes_per_address") == 3


async def test_requests_of_an_address_are_limited() -> None:
    """On one connection and on the next one."""
    async with running(requests_per_address=3) as server:
        client = await server.client()
        for _ in range(3):
            client.send(GET)
            assert (await client.answer())[0] == 200
        client.send(GET)
        await refused(client, "too_many_requests", "requests_per_address")
        other = await server.client()
        other.send(GET)
        await refused(other, "too_many_requests", "requests_per_address")
        assert server.refused("requests_per_address") == 2


async def test_a_stranger_who_floods_may_come_back_less_often() -> None:
    """A flood costs as many connections as OFFENCE, on top of its own."""
    async with running(handshakes_per_address=OFFENCE, frames_per_10s=10) as server:
        client = await server.socket()
        client.send(client_frame(TEXT, b"x", fin=False))
        client.send(client_frame(CONT, fin=False) * 20)
        assert await client.close_code() == 4429
        other = await server.client()
        other.send(HANDSHAKE)
        await refused(other, "too_many_handshakes", "handshakes_per_address")


async def pinged(client: RawClient, count: int) -> None:
    """Send pings, and get the pongs."""
    client.send(client_frame(PING) * count)
    for _ in range(count):
        assert await client.frame() == (0xA, b"")


async def again(server: Server, client: RawClient) -> RawClient:
    """Another connection, once the server has noticed that this one has gone."""
    client.writer.close()
    await asyncio.wait_for(server.ended.get(), TIMEOUT_S)
    return await server.socket()


async def test_a_user_who_reconnects_inherits_what_was_used() -> None:
    """Frames are counted over all connections that follow each other; other users have theirs."""
    async with running(frames_per_10s=10) as server:
        server.user_id = 7
        client = await server.socket()
        await pinged(client, 6)
        client = await again(server, client)
        await pinged(client, 4)
        client = await again(server, client)
        client.send(client_frame(PING))
        assert await client.close_code() == 4429
        server.user_id = 8
        await pinged(await server.socket(), 10)


async def test_bytes_are_limited() -> None:
    """Few frames, but large ones."""
    async with running(bytes_per_10s=4096 * 4) as server:
        client = await server.socket()
        for _ in range(3):
            client.send(client_frame(TEXT, b"x" * 4096))
            await asyncio.wait_for(server.messages.get(), TIMEOUT_S)
        client.send(client_frame(TEXT, b"x" * 4096))
        assert await client.close_code() == 4429
        assert server.refused("byte_budget") == 1


async def test_a_message_may_have_its_size() -> None:
    """And not a byte more."""
    async with running(message_bytes=2000) as server:
        client = await server.socket()
        client.send(client_frame(TEXT, b"x" * 2000))
        assert len(await asyncio.wait_for(server.messages.get(), TIMEOUT_S)) == 2000
        client.send(client_frame(TEXT, b"x" * 2001))
        assert await client.close_code() == 1009


async def test_pings_that_nobody_reads_the_answers_of_take_no_memory() -> None:
    """Without any budget: the server stops reading when its own output is not taken."""
    async with running(frames_per_10s=10**9, bytes_per_10s=10**12) as server:
        client = await server.socket()
        connection = await server.sockets.get()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        flood = client_frame(PING, b"?" * 125) * 100
        most = 0
        async with asyncio.timeout(60):
            while connection.transport.is_reading():
                client.send(flood)
                await asyncio.sleep(0)
                most = max(most, connection.buffered_bytes())
        assert most < 1024 * 1024


@pytest.mark.parametrize("sent", [b"", HANDSHAKE], ids=["nothing", "a handshake"])
async def test_a_socket_that_nobody_admits_is_closed(sent: bytes) -> None:
    """Within the time for a request head; one that was admitted stays."""
    async with running(head_s=0.5) as server:
        admitted = await server.socket()
        server.admits = False
        client = await server.client()
        client.send(sent)
        await client.end()
        reason = "not_admitted" if sent else "head_too_late"
        assert server.refused(reason) == 1
        admitted.send(client_frame(TEXT, b"still here"))
        assert await asyncio.wait_for(server.messages.get(), TIMEOUT_S) == "still here"
