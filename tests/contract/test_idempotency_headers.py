"""Every call that writes can be repeated: by nature, or with an Idempotency-Key, which may stand in
either of two headers."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.support.client import PASSWORD, Client, Json
from tests.support.endpoints import WITH_BODY, assert_problem

REPEATABLE = {
    "POST /api/auth/login",
    "POST /api/auth/logout",
    "POST /api/auth/password",
    "POST /api/auth/refresh",
    "POST /api/fairness/verify",
    "POST /api/realtime/ticket",
    "POST /api/admin/users/block",
    "POST /api/admin/users/delete",
    "POST /api/admin/users/role",
    "POST /api/admin/users/unblock",
    "POST /api/admin/users/{user_id}/disconnect",
    "POST /api/admin/users/{user_id}/revoke",
}
"""Calls that are the same once and twice: they leave an account as it is, give one more login or
ticket to who may have any number of them, or (a refresh) recognize their repetition themselves."""


@pytest_asyncio.fixture(scope="module")
async def document(http: httpx.AsyncClient) -> Any:
    return (await http.get("/schema/openapi.json")).json()


def writes(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            if method != "get":
                yield method.upper(), path, call


def takes_key(call: Any) -> bool:
    return any(one.get("name") == "Idempotency-Key" for one in call.get("parameters", []))


def test_every_call_that_writes_can_be_repeated(document: Any) -> None:
    """Calls without a key are those of which this file says why."""
    without = {f"{method} {path}" for method, path, call in writes(document) if not takes_key(call)}
    assert without == REPEATABLE


async def test_different_keys_are_refused(document: Any, victim: Client) -> None:
    """In every call that takes a key; equal ones are one key."""
    bodies = {re.sub(r"/\d+/", "/{user_id}/", one.path): one.body for one in WITH_BODY}
    for method, path, call in writes(document):
        if not takes_key(call):
            continue
        answer = await victim.http.request(
            method,
            path.replace("{user_id}", str(victim.user_id)),
            json=bodies.get(path),
            headers={
                "Authorization": f"Bearer {victim.access_token}",
                "Idempotency-Key": "one",
                "X-Idempotency-Key": "another",
            },
        )
        assert_problem(answer, 422, "idempotency_keys_differ")


@pytest.mark.parametrize("header", ["Idempotency-Key", "X-Idempotency-Key"])
async def test_a_repeated_sign_up_signs_in(http: httpx.AsyncClient, header: str) -> None:
    """To the same account, with tokens of their own; only with the same fields and key."""
    body = {"site_id": f"again-{header}", "nickname": "Again", "password": PASSWORD}

    async def post(key: str, **other: str) -> httpx.Response:
        return await http.post("/api/auth/signup", json={**body, **other}, headers={header: key})

    first, again = (await post("sign-up")).json(), (await post("sign-up")).json()
    assert first["user"] == again["user"]
    assert first["refresh_token"] != again["refresh_token"]
    assert_problem(await post("other"), 409, "site_id_taken")
    assert_problem(await post("sign-up", nickname="Other"), 409, "site_id_taken")
    wrong = await post("sign-up", password="another horse battery")
    assert_problem(wrong, 401, "invalid_credentials")


async def test_a_repeated_change_of_password_succeeds(player: Client, http: Any) -> None:
    """The new password is in place already; other passwords are still wrong."""
    body = {"current_password": PASSWORD, "new_password": "a-new-password-of-mine"}
    assert await player.ok("POST", "/api/auth/password", body) == await player.ok(
        "POST", "/api/auth/password", body
    )
    other = {**body, "new_password": "not-the-one-of-mine"}
    assert_problem(await player.call("POST", "/api/auth/password", other), 422, "invalid_input")


async def test_a_repeated_notice_is_sent_once(player: Client, admin: Client) -> None:
    """It has the id of the first; the key is refused for another notice."""
    body, path = {"message": "Tonight"}, "/api/admin/announce"
    async with player.device() as device:
        await device.until("initial_state")
        first = await admin.ok("POST", path, body, key="notice-1")
        assert await admin.ok("POST", path, body, key="notice-1") == first
        reused = await admin.call("POST", path, {"message": "Tomorrow"}, key="notice-1")
        assert_problem(reused, 422, "idempotency_key_reused")
        last = await admin.ok("POST", path, body)
        shown: list[Json] = []
        while not shown or shown[-1]["id"] != last["id"]:
            shown.append(await device.until("announcement"))
        assert [notice["id"] for notice in shown] == [first["id"], last["id"]]


async def test_a_repeated_adjustment_is_made_once(player: Client, admin: Client) -> None:
    """The other name of the header counts for operators, too."""
    path = f"/api/admin/users/{player.user_id}/balance"
    headers = {"Authorization": f"Bearer {admin.access_token}", "X-Idempotency-Key": "gift-1"}
    body = {"delta": 5, "note": "a mistake of ours"}
    answers = [await admin.http.post(path, json=body, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (await player.ok("GET", "/api/auth/me"))["gold"] == 1005
