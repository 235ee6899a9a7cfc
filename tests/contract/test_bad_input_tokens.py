"""Invalid access tokens get 401 at every protected call."""

import httpx
import pytest
from attrs import evolve

from tests.support.bad_tokens import BAD_TOKENS, mint
from tests.support.cases import all_cases
from tests.support.client import PASSWORD, Client, signed_in
from tests.support.endpoints import (
    PROTECTED,
    WITH_BODY,
    Call,
    assert_problem,
    nothing_changes,
)
from tests.support.node import Node

each_call = pytest.mark.parametrize(
    "call", PROTECTED, ids=[path[len("/api/") :] for _, path, _ in PROTECTED]
)
WRONG_HEADERS = {
    "scheme_basic": ("Basic {token}", "token_missing"),
    "scheme_token": ("Token {token}", "token_missing"),
    "no_scheme": ("{token}", "token_missing"),
    "no_token": ("Bearer", "token_missing"),
    "tab": ("Bearer\t{token}", "token_missing"),
    "colon": ("Bearer: {token}", "token_missing"),
    "scheme_twice": ("Bearer Bearer {token}", "token_invalid"),
    "two_tokens": ("Bearer {token} {token}", "token_invalid"),
    "quoted": ('Bearer "{token}"', "token_invalid"),
    "latin1": ("Bearer caf\xe9", "token_invalid"),
}


def assert_unauthenticated(response: httpx.Response, code: str) -> None:
    """401, with the challenge that HTTP asks for."""
    assert_problem(response, 401, code)
    assert response.headers["www-authenticate"] == "Bearer"


@each_call
async def test_no_token(victim: Client, call: Call) -> None:
    """Without a token the answer is 401, before the body is read."""
    method, path, body = call
    async with nothing_changes(victim):
        for content in (body, {"wrong": True}, None):
            response = await victim.http.request(method, path, json=content)
            assert_unauthenticated(response, "token_missing")
        response = await victim.http.request(method, path, content=b"\xff no JSON")
        assert_unauthenticated(response, "token_missing")


@each_call
async def test_bad_token(victim: Client, call: Call) -> None:
    """A token with one defect is refused with 401."""
    with all_cases() as case:
        async with nothing_changes(victim):
            for name, forge, code in BAD_TOKENS[:-1]:
                with case(name):
                    impostor = evolve(victim, access_token=forge(victim))
                    assert_unauthenticated(await impostor.call(*call), code)


@each_call
async def test_wrong_header(victim: Client, call: Call) -> None:
    """A valid token in a malformed header is refused."""
    method, path, body = call
    with all_cases() as case:
        async with nothing_changes(victim):
            for name, (header, code) in WRONG_HEADERS.items():
                with case(name):
                    value = header.format(token=victim.access_token).encode("latin-1")
                    response = await victim.http.request(
                        method, path, json=body, headers={b"Authorization": value}
                    )
                    assert_unauthenticated(response, code)


async def test_bad_token_in_the_query(victim: Client) -> None:
    """A token in the query is checked as well, where it may stand at all."""
    with all_cases() as case:
        for name, forge, code in BAD_TOKENS:
            with case(name):
                query = {"token": forge(victim)}
                response = await victim.http.get("/api/realtime/state", params=query)
                assert_unauthenticated(response, code)


async def test_no_token_in_the_query_of_a_rest_call(victim: Client) -> None:
    """A valid token counts in the header only, besides at realtime endpoints."""
    query = {"token": victim.access_token}
    assert_unauthenticated(await victim.http.get("/api/auth/me", params=query), "token_missing")
    assert (await victim.http.get("/api/realtime/state", params=query)).status_code == 200


async def test_minted_tokens_are_wrong_for_one_reason_only(victim: Client) -> None:
    """An unmodified minted token is accepted, so each refusal has its own cause."""
    forged = evolve(victim, access_token=mint(victim))
    assert (await forged.ok("GET", "/api/auth/me"))["id"] == victim.user_id


async def test_token_after_logging_out(node: Node, player: Client) -> None:
    """Both tokens of an ended login are refused everywhere; another login goes on."""
    credentials = {"site_id": player.site_id, "password": PASSWORD}
    answer = await player.http.post("/api/auth/login", json=credentials)
    other = signed_in(player.http, node, player.site_id, answer.json())
    await player.ok("POST", "/api/auth/logout", {})

    async with nothing_changes(other):
        for method, path, body in PROTECTED:
            assert_unauthenticated(await player.call(method, path, body), "token_revoked")
        refreshed = await player.http.post(
            "/api/auth/refresh", json={"refresh_token": player.refresh_token}
        )
        assert_unauthenticated(refreshed, "refresh_token_invalid")
    await other.spin()


@pytest.mark.parametrize("sub", ["0", "-1", "999999999", str(2**63 - 1)])
async def test_token_of_nobody(victim: Client, sub: str) -> None:
    """A token of a user who does not exist reads and changes nothing."""
    ghost = evolve(victim, access_token=mint(victim, sub=sub))
    async with nothing_changes(victim):
        assert_unauthenticated(await ghost.call("GET", "/api/auth/me"), "unknown_user")
        for path in ("/api/games/slot/spin", "/api/games/gacha/pull", "/api/streak/claim"):
            body = next((call.body for call in WITH_BODY if call.path == path), None)
            assert_problem(await ghost.call("POST", path, body), 404, "unknown_user")
        assert_problem(await ghost.call("GET", "/api/realtime/state"), 404, "unknown_user")


@pytest.mark.parametrize("token", ["access", "signature"])
async def test_what_is_no_refresh_token(victim: Client, token: str) -> None:
    """An access token, whole or in part, does not refresh a login."""
    access = victim.access_token
    text = access.rpartition(".")[2] if token == "signature" else access
    response = await victim.http.post("/api/auth/refresh", json={"refresh_token": text})
    assert 400 < response.status_code < 500
    assert_problem(response, response.status_code, response.json()["code"])
    await victim.ok("GET", "/api/auth/me")
