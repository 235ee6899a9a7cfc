"""Refusals that are made before the application: scripts of listed origins can read them."""

import pytest

from tests.support.raw_server import RawClient, Server, running

LISTED, FOREIGN = "http://localhost:3000", "https://evil.example"


def head(origin: str, method: str = "GET", *fields: str) -> bytes:
    lines = [f"{method} / HTTP/1.1", "Host: test", f"Origin: {origin}", *fields, "", ""]
    return "\r\n".join(lines).encode()


PREFLIGHT = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization")


async def readable(client: RawClient, status: int, origin: str) -> None:
    """Whether a script of this origin gets the answer, and all that it needs of it."""
    found, headers, _ = await client.answer()
    assert found == status
    assert "Origin" in headers["vary"]
    if origin == LISTED:
        assert headers["access-control-allow-origin"] == LISTED
        assert headers["access-control-allow-credentials"] == "true"
        exposed = headers["access-control-expose-headers"].lower().split(", ")
        assert {"retry-after", "ratelimit", "ratelimit-policy"} <= set(exposed)
    else:
        assert not [name for name in headers if name.startswith("access-control")]


async def asked(server: Server, sent: bytes, *, again: bool = False) -> RawClient:
    """A client that sends this, at first or after an answer."""
    client = await server.client()
    if again:
        client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        assert (await client.answer())[0] == 200
    client.send(sent)
    return client


@pytest.mark.parametrize("origin", [LISTED, FOREIGN])
async def test_what_is_too_much(origin: str) -> None:
    """Requests and connections of an address: 429 arrives with its headers."""
    async with running(requests_per_address=1) as server:
        client = await asked(server, head(origin), again=True)
        await readable(client, 429, origin)
    async with running(handshakes_per_address=1) as server:
        await server.client()
        await readable(await asked(server, head(origin)), 429, origin)


async def test_preflights_over_a_limit() -> None:
    """They are accepted for listed origins, since a browser would hide a refusal; what follows
    them is refused."""
    async with running(requests_per_address=1, handshakes_per_address=3) as server:
        for again in (True, False, False):  # over the limit of requests, then of connections
            client = await asked(server, head(LISTED, "OPTIONS", *PREFLIGHT), again=again)
            status, headers, _ = await client.answer()
            assert status == 204
            assert headers["access-control-allow-origin"] == LISTED
            assert "POST" in headers["access-control-allow-methods"]
            assert "authorization" in headers["access-control-allow-headers"].lower()
            await client.end()
        await readable(await asked(server, head(LISTED)), 429, LISTED)
        foreign = await asked(server, head(FOREIGN, "OPTIONS", *PREFLIGHT))
        await readable(foreign, 429, FOREIGN)
        no_preflight = await asked(server, head(LISTED, "OPTIONS"))
        await readable(no_preflight, 429, LISTED)


@pytest.mark.parametrize("origin", [LISTED, FOREIGN])
async def test_what_is_too_large_or_malformed(origin: str) -> None:
    """A head, a body, and what is no HTTP."""
    async with running(head_bytes=4096, body_bytes=1024) as server:
        long = head(origin)[:-2] + b"X: " + b"x" * 9_000
        for again in (False, True):
            await readable(await asked(server, long, again=again), 431, origin)
        body = head(origin, "POST", "Transfer-Encoding: chunked").replace(b" /", b" /read", 1)
        chunks = b"".join(b"1000\r\n" + b"x" * 4096 + b"\r\n" for _ in range(10))
        await readable(await asked(server, body + chunks), 413, origin)
        malformed = head(origin, "GET", "Accept: */*", "X: 1", "Bad Header")
        await readable(await asked(server, malformed), 400, origin)


@pytest.mark.parametrize("origin", [LISTED, FOREIGN])
async def test_what_is_too_late(origin: str) -> None:
    """A head, and a body."""
    async with running(head_s=0.5, body_s=0.5) as server:
        late = await asked(server, head(origin)[:-2])
        body = await asked(
            server, head(origin, "POST", "Content-Length: 9").replace(b" /", b" /read", 1)
        )
        await readable(late, 408, origin)
        await readable(body, 408, origin)


async def test_two_origins_are_none() -> None:
    """No browser sends that."""
    async with running(head_bytes=4096) as server:
        client = await asked(server, head(LISTED, "GET", f"Origin: {LISTED}", "X: " + "x" * 5_000))
        await readable(client, 431, FOREIGN)
