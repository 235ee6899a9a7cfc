"""Request heads: slow, huge, garbled, and not HTTP at all."""

import asyncio

from benchmarks.attack.attacker import Attacker, attack
from benchmarks.attack.wire import SYNC, handshake, request

_TLS_CLIENT_HELLO = bytes.fromhex(
    "16030100750100007103030102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"
    "000004c02bc02f010000440000000e000c0000096c6f63616c686f7374000a00080006001700180019000b"
    "00020100000d0012001004010501060104030503060302010203001700000023000000"
)

_SMUGGLING = (
    b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nX",
    b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n"
    b"Content-Length: 5\r\n\r\nabcdef",
    b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: b\r\n Y: c\r\n\r\n",
    b"GET /health/live HTTP/1.1\nHost: a\n\n",
)


@attack(parallel=200)
async def slow_heads(attacker: Attacker) -> None:
    """A head that comes byte by byte (slow loris)."""
    peer = await attacker.connect()
    await peer.trickle(request("GET", "/health/live", headers={"X": "y" * 1_000}), 0.2)


@attack(parallel=200)
async def slow_handshakes(attacker: Attacker) -> None:
    """A WebSocket handshake that comes byte by byte."""
    peer = await attacker.connect()
    await peer.trickle(handshake(SYNC, headers={"X": "y" * 1_000}), 0.2)


@attack(parallel=200)
async def slow_second_heads(attacker: Attacker) -> None:
    """A complete call, and then a second head that comes byte by byte."""
    peer = await attacker.connect()
    call = request("GET", "/health/live", headers={"X": "y" * 1_000})
    await peer.ask(call)
    await peer.trickle(call, 0.2)


@attack(parallel=8)
async def header_bombs(attacker: Attacker) -> None:
    """Four thousand short headers in each head."""
    peer = await attacker.connect()
    bomb = request("GET", "/health/live", headers={f"a{number}": "" for number in range(4_000)})
    while True:
        await peer.ask(bomb)


@attack(parallel=8)
async def heads_without_an_end(attacker: Attacker) -> None:
    """Headers go on for ever."""
    peer = await attacker.connect()
    peer.send(b"GET /health/live HTTP/1.1\r\nHost: a\r\n")
    await peer.flood(b"X-Padding: " + b"x" * 8_000 + b"\r\n")


@attack(parallel=8)
async def second_heads_without_an_end(attacker: Attacker) -> None:
    """After a complete call, headers go on for ever."""
    peer = await attacker.connect()
    await peer.ask(request("GET", "/health/live"))
    peer.send(b"GET /health/live HTTP/1.1\r\nHost: a\r\n")
    await peer.flood(b"X-Padding: " + b"x" * 8_000 + b"\r\n")


@attack(parallel=8)
async def query_bombs(attacker: Attacker) -> None:
    """Thousands of query parameters, percent-encoded, at calls and at handshakes."""
    query = "&".join(f"%61{number}=%00%ff" for number in range(2_000))
    peer = await attacker.connect()
    for _ in range(20):
        await attacker.call(peer, "GET", f"/api/realtime/events?{query}")
    await (await attacker.connect()).ask(handshake(f"{SYNC}?{query}", attacker.account.token))


@attack(parallel=4)
async def pipelining_unread(attacker: Attacker) -> None:
    """Requests for large answers in one go, and nothing of them is read."""
    peer = await attacker.connect()
    peer.stop_reading()
    large = request("GET", "/schema/openapi.json") + request("GET", "/api-docs/swagger-ui.css")
    await peer.flood(large * 100)


@attack(parallel=4)
async def pipelining(attacker: Attacker) -> None:
    """Thousands of small requests in one go; the answers are read."""
    peer = await attacker.connect()
    await peer.flood(request("GET", "/health/live") * 500)


@attack(parallel=8)
async def http2(attacker: Attacker) -> None:
    """The preface of HTTP/2, with frames behind it."""
    peer = await attacker.connect()
    await peer.flood(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9) * 1_000)


@attack(parallel=8)
async def tls_to_a_plain_port(attacker: Attacker) -> None:
    """A TLS client hello."""
    peer = await attacker.connect()
    peer.send(_TLS_CLIENT_HELLO)
    await asyncio.wait_for(peer.ended.wait(), 0.5)


@attack(parallel=8)
async def garbage(attacker: Attacker) -> None:
    """Random bytes."""
    peer = await attacker.connect()
    while True:
        await peer.push(attacker.random.randbytes(4_000))


@attack(parallel=8)
async def smuggling_shapes(attacker: Attacker) -> None:
    """Requests whose end two readers may see at different places."""
    peer = await attacker.connect()
    peer.send(attacker.random.choice(_SMUGGLING))
    await asyncio.wait_for(peer.ended.wait(), 0.2)
