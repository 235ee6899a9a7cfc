"""Invalid sizes, content types, idempotency keys, routes and methods."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.cases import all_cases
from tests.support.client import Client
from tests.support.endpoints import (
    CLAIM,
    NOBODY,
    PROTECTED,
    WITH_BODY,
    Call,
    Endpoint,
    assert_problem,
    assert_wrong,
    each_endpoint,
    nothing_changes,
    send,
)

UNKEYED = (
    "/api/auth/logout",
    "/api/auth/password",
    "/api/fairness/verify",
    "/api/realtime/ticket",
)
KEYED = [
    (method, path, body)
    for method, path, body in PROTECTED
    if method != "GET" and path not in UNKEYED and not path.startswith("/api/admin/")
]
"""The players' calls that heed an Idempotency-Key."""

ODD_KEYS = {
    "empty": b"",
    "129_characters": b"k" * 129,
    "10000_characters": b"k" * 10_000,
    "utf8": "\N{KEY}".encode(),
    "latin1": b"cl\xe9",
    "tab": b"a\tb",
    "no_utf8": b"\xff\xfe",
}
WRONG_CONTENT_TYPES = (
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/msgpack", "application/jsonp", "application/json/x", "x",
)  # fmt: skip
UNKNOWN_PATHS = {
    "word": "/nope",
    "api": "/api",
    "router": "/api/games",
    "below_a_call": "/api/games/slot/spin/x",
    "doubled_slash": "//api/auth/me",
    "nul": "/api/auth/%00",
    "no_utf8": "/api/auth/%ff",
    "upper_case": "/API/AUTH/ME",
    "traversal": "/%2e%2e/%2e%2e/etc/passwd",
    "long": "/" + "a" * 20_000,
    "static_traversal": "/static/%2e%2e/page.py",
    "static_slash": "/static/..%2fpage.py",
    "static_nul": "/static/%00",
    "static_no_utf8": "/static/%ff",
    "static_long": "/static/" + "a" * 5_000,
    "static_deep": "/static/" + "a/" * 3_000,
}


@each_endpoint
async def test_huge_body(victim: Client, endpoint: Endpoint) -> None:
    """A body over 64 KiB is refused with 413, with and without a Content-Length."""

    async def chunks(content: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(content), 16_384):
            yield content[start : start + 16_384]

    with all_cases() as case:
        async with nothing_changes(victim):
            for size in (64 * 1024 + 1, 1_000_000):
                content = json.dumps(endpoint.body).encode().ljust(size)
                with case(f"{size}, announced"):
                    response = await send(victim, endpoint, content)
                    assert_problem(response, 413, "body_too_large")
                with case(f"{size}, chunked"):
                    response = await send(victim, endpoint, chunks(content))
                    assert_problem(response, 413, "body_too_large")


@each_endpoint
async def test_wrong_content_type(victim: Client, endpoint: Endpoint) -> None:
    """A body with another content type is refused with 415."""
    content = json.dumps(endpoint.body).encode()
    with all_cases() as case:
        async with nothing_changes(victim):
            for content_type in WRONG_CONTENT_TYPES:
                with case(content_type):
                    headers = {"Content-Type": content_type}
                    response = await send(victim, endpoint, content, **headers)
                    assert_problem(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("call", KEYED, ids=[path for _, path, _ in KEYED])
async def test_odd_idempotency_key(victim: Client, call: Call) -> None:
    """A key that is not 1 to 128 printable ASCII characters is refused."""
    method, path, body = call
    with all_cases() as case:
        async with nothing_changes(victim):
            for name, key in ODD_KEYS.items():
                with case(name):
                    headers = {
                        b"Authorization": b"Bearer " + victim.access_token.encode(),
                        b"Idempotency-Key": key,
                    }
                    response = await victim.http.request(method, path, json=body, headers=headers)
                    assert_wrong(response, "idempotency_key")


@pytest.mark.parametrize("key", ODD_KEYS.values(), ids=ODD_KEYS)
async def test_odd_key_under_its_other_name(victim: Client, key: bytes) -> None:
    """X-Idempotency-Key, which deployed clients send, has the same rules."""
    headers = {
        b"Authorization": b"Bearer " + victim.access_token.encode(),
        b"X-Idempotency-Key": key,
    }
    async with nothing_changes(victim):
        for method, path, body in KEYED:
            response = await victim.http.request(method, path, json=body, headers=headers)
            assert_wrong(response, "X-Idempotency-Key")


async def test_both_names_of_the_key(player: Client) -> None:
    """They are the same key: a repeat under the other name, or both, gets the first result. Two
    keys are refused."""

    async def spin(**keys: str) -> httpx.Response:
        names = {"old": "X-Idempotency-Key", "new": "Idempotency-Key"}
        headers = {names[name]: key for name, key in keys.items()}
        headers["Authorization"] = f"Bearer {player.access_token}"
        return await player.http.post(
            "/api/games/slot/spin", json={"bet_amount": 1}, headers=headers
        )

    first = (await spin(old="one")).json()
    assert (await spin(new="one")).json() == first
    assert (await spin(old="one", new="one")).json() == first
    assert (await spin(old="two")).json() != first
    async with nothing_changes(player):
        problem = assert_problem(await spin(old="one", new="two"), 422, "idempotency_keys_differ")
        assert problem["errors"][0]["field"] == "X-Idempotency-Key"


@pytest.mark.parametrize("key", ["k" * 128, "".join(map(chr, range(33, 127)))], ids=len)
async def test_odd_key_that_is_right(player: Client, key: str) -> None:
    """With the longest key, and with every allowed character, a repeat gets the first result."""
    opened = await player.ok("POST", "/api/games/crash/bet", {"bet_amount": 1})
    for number, (method, path, body) in enumerate(KEYED):
        this_body = {"round_id": opened["round_id"]} if path.endswith("/cashout") else body
        this_key = f"{number:02}" + key[2:]
        first = await player.call(method, path, this_body, key=this_key)
        again = await player.call(method, path, this_body, key=this_key)
        assert (again.status_code, again.json()) == (200, first.json()), path


async def test_a_key_of_another_request(player: Client) -> None:
    """A used key is refused for every other request, of any kind."""
    await player.ok("POST", "/api/games/slot/spin", {"bet_amount": 1}, key="taken")
    async with nothing_changes(player):
        for method, path, body in KEYED:
            other = {"bet_amount": 2} if path == "/api/games/slot/spin" else body
            response = await player.call(method, path, other, key="taken")
            assert_problem(response, 422, "idempotency_key_reused")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_unknown_route(victim: Client, method: str) -> None:
    """The answer is 404, or 405 for changes of static files."""
    with all_cases() as case:
        for name, path in UNKNOWN_PATHS.items():
            with case(name):
                response = await victim.http.request(method, path)
                if path.startswith("/static/") and method != "GET":
                    assert_problem(response, 405, "method_not_allowed")
                else:
                    assert_problem(response, 404, "no_such_route")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"])
async def test_wrong_method(victim: Client, method: str) -> None:
    """Every call answers other methods with 405 and names its own in `Allow`."""
    calls = [*((call.method, call.path) for call in WITH_BODY), *((m, p) for m, p, _ in PROTECTED)]
    async with nothing_changes(victim):
        for right, path in calls:
            if right != method:
                response = await victim.http.request(method, path)
                assert_problem(response, 405, "method_not_allowed")
                assert right in response.headers["allow"]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/api/realtime/sync", "/api/games/ws", "/api/games/ws/monitor"])
async def test_a_socket_is_no_call(http: httpx.AsyncClient, method: str, path: str) -> None:
    """A WebSocket's path without an upgrade answers 405."""
    assert_problem(await http.request(method, path), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "query",
    ["%00", "%ff=%fe", "a=b&a=c&&&=", "token=garbage", "token=%ff&token=", "x=" + "y" * 20_000,
     "data=1&caller=2&bet_amount=5&idempotency_key=k"],
    ids=["nul", "no_utf8", "odd", "token", "tokens", "long", "names_of_parameters"],
)  # fmt: skip
async def test_odd_query(victim: Client, query: str) -> None:
    """An unexpected query has no effect, and the header's token is used."""
    async with nothing_changes(victim):
        await victim.ok("GET", f"/api/auth/me?{query}")
        response = await victim.call("POST", f"/api/games/slot/spin?{query}", {})
        assert_wrong(response, "bet_amount")


async def test_an_odd_body_does_not_matter_where_none_is_asked_for(player: Client) -> None:
    """The streak is claimed once, whatever body is sent."""
    method, path, _ = CLAIM
    await player.ok(method, path, {"gold": 10**400})
    async with nothing_changes(player):
        response = await player.call(method, path, [None])
        assert_problem(response, 409, "streak_already_claimed")


async def test_every_call_is_among_these(http: httpx.AsyncClient) -> None:
    """The tables of endpoints match the OpenAPI document."""
    paths = (await http.get("/schema/openapi.json")).json()["paths"]
    calls = {
        (method.upper(), path): call
        for path, item in paths.items()
        for method, call in item.items()
    }
    with_body = {call for call, described in calls.items() if "requestBody" in described}
    protected = {call for call, described in calls.items() if described.get("security")}
    keyed = {
        call
        for call, described in calls.items()
        if any(one["name"] == "Idempotency-Key" for one in described.get("parameters", []))
    }
    assert with_body == {(call.method, template(call.path)) for call in WITH_BODY}
    assert protected == {(method, template(path)) for method, path, _ in PROTECTED}
    tested_elsewhere = {
        ("POST", "/api/admin/announce"),
        ("POST", "/api/admin/users/{user_id}/balance"),
        ("POST", "/api/auth/signup"),
    }
    assert keyed - tested_elsewhere == {(method, path) for method, path, _ in KEYED}


def template(path: str) -> str:
    """Return the path as the document has it."""
    return path.replace(str(NOBODY), "{user_id}")
