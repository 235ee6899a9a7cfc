"""Front ends on other origins: preflights, and answers that their scripts can read."""

import httpx
import pytest
from dependency_injector import providers

from bootstrap.settings.protection import DEV_ORIGINS
from tests.support.client import Client
from tests.support.node import Node

LISTED = "http://localhost:3000"
SENT = "authorization,content-type,x-idempotency-key,idempotency-key,x-request-id"


async def preflight(
    http: httpx.AsyncClient,
    origin: str,
    method: str = "POST",
    sent: str = SENT,
    path: str = "/api/games/slot/spin",
) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": sent,
    }
    return await http.options(path, headers=headers)


@pytest.mark.parametrize("origin", DEV_ORIGINS)
async def test_a_preflight_is_answered_and_cached(http: httpx.AsyncClient, origin: str) -> None:
    """With credentials, the headers that front ends send, and for an hour."""
    answer = await preflight(http, origin)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-max-age"] == "3600"
    assert "Origin" in answer.headers["vary"]
    allowed = answer.headers["access-control-allow-headers"].lower().replace(" ", "").split(",")
    assert set(SENT.split(",")) <= set(allowed)
    for method in ("GET", "POST", "PATCH"):
        assert (await preflight(http, origin, method)).status_code == 204


async def test_every_call_has_a_preflight(http: httpx.AsyncClient) -> None:
    """Whatever the API document names can be called from another origin."""
    paths = (await http.get("/schema/openapi.json")).json()["paths"]
    for path, calls in paths.items():
        for method in calls:
            answer = await preflight(http, LISTED, method.upper(), path=path.format(user_id=1))
            assert answer.headers["access-control-allow-origin"] == LISTED, (method, path)
            assert method.upper() in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:3001", "https://localhost:3000"]
)
async def test_other_origins_are_told_nothing(http: httpx.AsyncClient, origin: str) -> None:
    """Neither a preflight nor an answer names them."""
    for answer in (
        await preflight(http, origin),
        await http.get("/health/live", headers={"Origin": origin}),
    ):
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(("method", "sent"), [("PUT", SENT), ("POST", "x-anything")])
async def test_what_no_front_end_needs(http: httpx.AsyncClient, method: str, sent: str) -> None:
    """Other methods and headers are not allowed."""
    answer = await preflight(http, LISTED, method, sent)
    assert "access-control-allow-origin" not in answer.headers


async def test_errors_can_be_read(node: Node, http: httpx.AsyncClient, player: Client) -> None:
    """A script may read the problem and its headers, whatever went wrong."""
    signed_in = {"Origin": LISTED, "Authorization": f"Bearer {player.access_token}"}
    answers = [
        await http.get("/api/auth/me", headers={"Origin": LISTED}),
        await http.get("/api/nowhere", headers=signed_in),
        await http.put("/api/auth/me", headers=signed_in),
        await http.post("/api/games/slot/spin", json={}, headers=signed_in),
        await http.post("/api/games/slot/spin", content=b"x" * 100_000, headers=signed_in),
    ]
    with node.container.read_player.override(providers.Object(None)):
        answers.append(await http.get("/api/auth/me", headers=signed_in))
    assert [answer.status_code for answer in answers] == [401, 404, 405, 422, 413, 500]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == LISTED
        assert answer.headers["access-control-allow-credentials"] == "true"
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert {"etag", "retry-after", "www-authenticate"} <= set(exposed.split(", "))
        assert answer.headers["vary"] == "Origin"
        assert answer.json()["status"] == answer.status_code
