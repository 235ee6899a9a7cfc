"""All REST calls, from which the tests of bad input and access are derived."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import httpx
import pytest
from attrs import field, frozen

from tests.support.client import Client, Json

NOBODY = 2**53 - 1
"""The id of no user."""


def _set_of_names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


@frozen(kw_only=True)
class Endpoint:
    """A call that takes a body.

    `absent_ok`, `null_ok` and `zero_ok` name the fields that may be left out, be null or be 0;
    `unknown` is the
    answer to a text that is well-formed but means nothing, if that is not about the body.
    `tolerant` calls ignore unknown fields as long as deployed clients are served.
    """

    method: str = "POST"
    path: str
    body: Json
    absent_ok: frozenset[str] = field(default=(), converter=_set_of_names)
    null_ok: frozenset[str] = field(default=(), converter=_set_of_names)
    zero_ok: frozenset[str] = field(default=(), converter=_set_of_names)
    unknown: tuple[int, str] = (422, "invalid_input")
    public: bool = False
    tolerant: bool = False

    def __str__(self) -> str:
        return self.path.removeprefix("/api/")


WITH_BODY = (
    Endpoint(
        path="/api/auth/signup",
        body={
            "site_id": "newcomer",
            "nickname": "Newcomer",
            "password": "correct horse battery",
            "invite_code": "friend-1",
            "phone_number": "+49 30 1234567",
        },
        absent_ok={"invite_code", "phone_number"},
        null_ok={"invite_code", "phone_number"},
        public=True,
    ),
    Endpoint(
        path="/api/auth/login",
        body={"site_id": "newcomer", "password": "correct horse battery"},
        unknown=(401, "invalid_credentials"),
        public=True,
    ),
    Endpoint(
        path="/api/auth/refresh",
        body={"refresh_token": "unheard-of"},
        unknown=(401, "refresh_token_invalid"),
        public=True,
    ),
    Endpoint(
        path="/api/auth/password",
        body={"current_password": "correct horse battery", "new_password": "a-new-password"},
    ),
    Endpoint(path="/api/auth/logout", body={"everywhere": False}, absent_ok={"everywhere"}),
    Endpoint(path="/api/games/slot/spin", body={"bet_amount": 1}, tolerant=True),
    Endpoint(path="/api/games/rps/play", body={"choice": "rock", "bet_amount": 1}, tolerant=True),
    Endpoint(
        path="/api/games/gacha/pull",
        body={"pull_count": 1},
        absent_ok={"pull_count"},
        tolerant=True,
    ),
    Endpoint(
        path="/api/games/crash/bet",
        body={"bet_amount": 1, "auto_cashout_multiplier": 1.5},
        absent_ok={"auto_cashout_multiplier"},
        null_ok={"auto_cashout_multiplier"},
        tolerant=True,
    ),
    Endpoint(
        path="/api/games/crash/cashout",
        body={"round_id": "unheard-of"},
        unknown=(404, "unknown_round"),
        tolerant=True,
    ),
    Endpoint(path="/api/fairness/client-seed", body={"client_seed": "chosen-1"}),
    Endpoint(
        path="/api/fairness/verify",
        body={
            "game_type": "gacha",
            "server_seed": "a" * 64,
            "client_seed": "chosen-1",
            "nonce": 0,
            "bet_amount": 1,
            "choice": "rock",
            "pull_count": 1,
            "pity_before": 0,
        },
        absent_ok={"bet_amount", "choice", "pull_count", "pity_before"},
        zero_ok={"nonce", "pity_before"},
    ),
    Endpoint(
        path="/api/shop/buy",
        body={"product_id": "gold_100", "quantity": 1},
        absent_ok={"quantity"},
        unknown=(404, "unknown_product"),
        tolerant=True,
    ),
    Endpoint(path="/api/realtime/ticket", body={"endpoint": "sync"}, absent_ok={"endpoint"}),
    Endpoint(method="PATCH", path="/api/profile", body={"nickname": "Somebody"}),
    Endpoint(
        path="/api/admin/announce",
        body={"message": "Hello", "level": "info", "link": "https://example.org/"},
        absent_ok={"level", "link"},
        null_ok={"link"},
    ),
    Endpoint(path="/api/admin/users/role", body={"user_id": NOBODY, "role": "player"}),
    Endpoint(path="/api/admin/users/block", body={"user_id": NOBODY}),
    Endpoint(path="/api/admin/users/unblock", body={"user_id": NOBODY}),
    Endpoint(path="/api/admin/users/delete", body={"user_id": NOBODY}),
    Endpoint(
        path=f"/api/admin/users/{NOBODY}/balance",
        body={"delta": 5, "note": "a mistake of ours"},
    ),
    Endpoint(
        path=f"/api/admin/users/{NOBODY}/revoke",
        body={"login_id": "unheard-of"},
        absent_ok={"login_id"},
        null_ok={"login_id"},
        unknown=(404, "unknown_user"),
    ),
)

Call = tuple[str, str, Json | None]
"""Method, path and body."""

CLAIM: Call = ("POST", "/api/streak/claim", None)
ROTATE: Call = ("POST", "/api/fairness/rotate", None)
"""The changes of a player that take no body."""

DISCONNECT: Call = ("POST", f"/api/admin/users/{NOBODY}/disconnect", None)

READS = tuple(
    ("GET", path, None)
    for path in (
        "/api/auth/me",
        "/api/auth/profile",
        "/api/users/balance",
        "/api/events/active",
        "/api/games/stats",
        "/api/games/stats/me",
        "/api/fairness",
        "/api/fairness/rounds",
        "/api/shop/products",
        "/api/shop/catalog",
        "/api/streak/status",
        "/api/realtime/state",
        "/api/realtime/events",
        "/api/realtime/stream",
        "/api/admin/users",
        f"/api/admin/users/{NOBODY}",
        "/api/admin/audit",
    )
)

PROTECTED: tuple[Call, ...] = (
    *((call.method, call.path, call.body) for call in WITH_BODY if not call.public),
    CLAIM,
    DISCONNECT,
    ROTATE,
    *READS,
)
"""Method, path and body of every call that needs a token."""

each_endpoint = pytest.mark.parametrize("endpoint", WITH_BODY, ids=str)


def assert_problem(response: httpx.Response, status: int, code: str) -> Json:
    """A problem with this status and code; returns it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: Json = response.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["title"]
    assert problem["type"]
    return problem


def assert_wrong(response: httpx.Response, name: str) -> None:
    """The answer is invalid input, and exactly this field is named."""
    problem = assert_problem(response, 422, "invalid_input")
    assert [error["field"] for error in problem["errors"]] == [name]
    assert all(error["message"] for error in problem["errors"])


@asynccontextmanager
async def nothing_changes(player: Client) -> AsyncIterator[None]:
    """State and journal are equal before and after."""
    before = await player.ok("GET", "/api/realtime/state")
    yield
    assert await player.ok("GET", "/api/realtime/state") == before


async def send(
    player: Client, endpoint: Endpoint, content: bytes | AsyncIterator[bytes], **headers: str
) -> httpx.Response:
    """Send these bytes as the body of a call."""
    return await player.http.request(
        endpoint.method,
        endpoint.path,
        content=content,
        headers={
            "Authorization": f"Bearer {player.access_token}",
            "Content-Type": "application/json",
            **headers,
        },
    )
