"""What deployed clients send and read besides our names, and that a setting ends it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from adapters.inbound.http.legacy.answers import ANSWERS
from adapters.inbound.http.legacy.bodies import BODIES
from bootstrap.settings.realtime import LegacySettings
from tests.support.client import PASSWORD, Client, Json, http_client, sign_up
from tests.support.endpoints import (
    WITH_BODY,
    assert_problem,
    assert_wrong,
    nothing_changes,
    send,
)
from tests.support.metrics import metric
from tests.support.node import Node, node_settings, running_node

CALLS = {
    "/api/auth/profile": "/api/auth/me",
    "/api/users/balance": "/api/auth/me",
    "/api/events/active": "/api/realtime/state",
    "/api/games/stats/me": "/api/games/stats",
    "/api/shop/catalog": "/api/shop/products",
}
"""Each call of old, and the one that replaces it."""

TOLERANT = [endpoint for endpoint in WITH_BODY if endpoint.tolerant]
CASH_OUT, BUY = "/api/games/crash/cashout", "/api/shop/buy"


@pytest_asyncio.fixture(scope="module")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    """A node that serves no deployed clients any more."""
    settings = node_settings(
        tmp_path_factory.mktemp("strict"), legacy=LegacySettings(enabled=False)
    )
    async with running_node(settings) as running:
        yield running


async def bet_crash(player: Client, **body: object) -> Json:
    return await player.ok("POST", "/api/games/crash/bet", {"bet_amount": 10, **body})


def same(answer: Json, names: dict[str, str]) -> None:
    """Each old name has the value of ours."""
    assert {old: answer[old] for old in names} == {old: answer[new] for old, new in names.items()}


async def test_the_user_has_old_names(http: httpx.AsyncClient, player: Client) -> None:
    """After each sign-in, and in both profiles."""
    body = {"site_id": player.site_id, "password": PASSWORD}
    signed_in = (await http.post("/api/auth/login", json=body)).json()
    profile = await player.ok("GET", "/api/auth/profile")
    assert profile == signed_in["user"] == await player.ok("GET", "/api/auth/me")
    names = {"gold_balance": "gold", "experience": "exp", "vip_points": "total_spent"}
    same(profile, names)
    assert profile["is_admin"] is False
    assert await player.ok("GET", "/api/users/balance") == {"cyber_token_balance": 1000}


async def test_operators_are_admins(admin: Client) -> None:
    """The role is told by the old name, too."""
    assert (await admin.ok("GET", "/api/auth/profile"))["is_admin"] is True


async def test_games_have_old_names(player: Client) -> None:
    """Rock, paper, scissors, gacha and crash; the slot shows a row of its machine."""
    rps = await player.ok("POST", "/api/games/rps/play", {"choice": "rock", "bet_amount": 10})
    names = {"player_choice": "choice", "computer_choice": "house_choice", "result": "outcome"}
    same(rps, names)
    assert rps["computer_choice"] in rps["message"]
    pulls = await player.ok("POST", "/api/games/gacha/pull", {"pull_count": 1, "gacha_id": "a"})
    [item] = pulls["items"]
    assert item["name"].lower().replace(" ", "_") == item["item_id"]
    assert item["quantity"] == 1
    assert pulls["rare_item_count"] == (item["rarity"] == "rare")
    assert pulls["ultra_rare_item_count"] == (item["rarity"] in ("epic", "legendary"))
    settled = await bet_crash(player, auto_cashout_multiplier=1.01)
    same(settled, {"game_id": "round_id", "max_multiplier": "crash_point"})
    won = settled["status"] == "auto_cashed"
    assert settled["multiplier"] == (1.01 if won else settled["crash_point"])
    opened = await bet_crash(player)
    assert (opened["status"], opened["max_multiplier"]) == ("active", 10_000)
    [row] = (await player.spin())["reels"]
    assert len(row) == 3


async def test_a_cash_out_finds_its_round(player: Client) -> None:
    """The named open round, else the newest one; a repeated request finds no other."""
    rounds = [(await bet_crash(player))["round_id"] for _ in range(4)]
    oldest = await player.ok("POST", CASH_OUT, {"game_id": rounds[0], "multiplier": 99.5})
    assert oldest["game_id"] == oldest["round_id"] == rounds[0]
    body = {"game_id": "crash", "multiplier": 1.5}
    newest = await player.ok("POST", CASH_OUT, body, key="cash-out-1")
    assert newest["game_id"] == rounds[3]
    assert await player.ok("POST", CASH_OUT, body, key="cash-out-1") == newest
    settled = await player.ok("POST", CASH_OUT, {"game_id": rounds[3]})
    assert settled["game_id"] == rounds[2], "a settled round means the newest open one"
    assert (await player.ok("POST", CASH_OUT, {"multiplier": 2}))["game_id"] == rounds[1]
    assert_problem(await player.call("POST", CASH_OUT, body), 404, "unknown_round")


async def test_ours_names_its_round_exactly(player: Client) -> None:
    """With `round_id`, no other round is cashed out, whatever else is sent."""
    await bet_crash(player)
    answer = await player.call("POST", CASH_OUT, {"round_id": "unheard-of", "game_id": "crash"})
    assert_problem(answer, 404, "unknown_round")


async def test_the_body_may_hold_the_idempotency_key(player: Client) -> None:
    """It means the header; different keys are refused."""
    body = {"product_id": "gold_100", "quantity": 1, "amount": 1, "kind": "x"}
    first = await player.ok("POST", BUY, {**body, "idempotency_key": "purchase-1"})
    assert first["message"]
    assert await player.ok("POST", BUY, body, key="purchase-1") == first
    assert await player.ok("POST", BUY, {"product_id": "gold_100"}, key="purchase-1") == first
    same_twice = {**body, "idempotency_key": "purchase-1"}
    assert await player.ok("POST", BUY, same_twice, key="purchase-1") == first
    async with nothing_changes(player):
        different = await player.call("POST", BUY, same_twice, key="purchase-2")
        assert_problem(different, 422, "idempotency_keys_differ")
        unprintable = await player.call("POST", BUY, {**body, "idempotency_key": "a\nb"})
        assert_wrong(unprintable, "idempotency_key")


async def test_totals_of_all_games(player: Client) -> None:
    """They add up, and are those of our statistics."""
    await player.spin(10)
    await bet_crash(player, auto_cashout_multiplier=1.01)
    answer = await player.ok("GET", "/api/games/stats/me")
    ours = (await player.ok("GET", "/api/games/stats"))["stats"]
    totals = answer["stats"]
    assert answer["success"] is True
    assert totals["total_bets"] == 2 == totals["total_wins"] + totals["total_losses"]
    profit = sum(game["won"] - game["wagered"] for game in ours.values())
    assert totals["total_profit"] == profit
    assert totals["highest_multiplier"] == (1.01 if ours["crash"]["won"] else 0)
    assert totals["game_breakdown"].keys() == ours.keys() == {"slot", "crash"}


async def test_the_catalog_and_the_active_events(player: Client) -> None:
    """The products on sale, and the marathon of this week with the player's progress."""
    ours = (await player.ok("GET", "/api/shop/products"))["products"]
    catalog: Any = await player.ok("GET", "/api/shop/catalog")
    assert [(one["id"], one["sku"], one["gold"], one["price_cents"]) for one in catalog] == [
        (one["product_id"], one["product_id"], one["price"], 100 * one["price"]) for one in ours
    ]
    await player.spin()
    events: Any = await player.ok("GET", "/api/events/active")
    [event] = events
    assert event["id"].startswith("marathon_")
    assert (event["progress"], event["target"], event["completed"]) == (1, 100, False)
    assert event["starts_at"] < event["ends_at"]


@pytest.mark.parametrize("endpoint", TOLERANT, ids=str)
async def test_tolerance_has_limits(player: Client, endpoint: Any) -> None:
    """Unknown fields do nothing; what is malformed, or wrong in a field that counts, is refused."""
    required = next(iter(endpoint.body))
    async with nothing_changes(player):
        broken = b'{"unheard_of": "\xff\xfe"}'
        assert_problem(await send(player, endpoint, broken), 400, "malformed_request")
        wrong = await player.call("POST", endpoint.path, {"unheard_of": 1, required: [1]})
        assert_wrong(wrong, required)
    answer = await player.call("POST", endpoint.path, {**endpoint.body, "unheard_of": {"a": [1]}})
    assert answer.status_code == (404 if endpoint.path == CASH_OUT else 200), answer.text


async def test_use_is_counted_and_deprecated(
    http: httpx.AsyncClient, node: Node, player: Client
) -> None:
    """Calls of old, with headers that tell what to use instead; and bodies with old names."""
    name, spin = "synchub_legacy_calls_total", "POST /api/games/slot/spin"
    for path, successor in CALLS.items():
        before = await metric(http, name, call=f"GET {path}")
        answer = await player.call("GET", path)
        assert await metric(http, name, call=f"GET {path}") == before + 1
        assert answer.headers["deprecation"].startswith("@")
        assert answer.headers["sunset"] == node.container.settings().legacy.sunset
        assert answer.headers["link"] == f'<{successor}>; rel="successor-version"'
        assert answer.headers["cache-control"] == "no-store"
    before = await metric(http, name, call=spin)
    await player.spin()
    assert await metric(http, name, call=spin) == before
    await player.ok("POST", "/api/games/slot/spin", {"bet_amount": 1, "lines": 3})
    assert await metric(http, name, call=spin) == before + 1


async def test_old_names_are_deprecated_in_the_document(
    http: httpx.AsyncClient, strict: Node
) -> None:
    """Calls and properties; without deployed clients, they are all that is missing."""
    document = (await http.get("/schema/openapi.json")).json()
    async with http_client(strict) as other:
        ours = (await other.get("/schema/openapi.json")).json()
    for path in CALLS:
        call = document["paths"].pop(path)["get"]
        assert call["deprecated"] is True
        assert "Deprecation" in call["responses"]["200"]["headers"]
    schemas = document["components"]["schemas"]
    for kind, names in ANSWERS.items():
        for name in names:
            assert schemas[kind.__name__]["properties"].pop(name)["deprecated"] is True
    for kind, body in BODIES.items():
        schema = schemas[kind.__name__]
        assert schema["additionalProperties"] is True
        schema["additionalProperties"] = False
        for name in body.names:
            assert schema["properties"].pop(name)["deprecated"] is True
    schemas["CashOutCommand"]["required"] = ["round_id"]
    only_old = schemas.keys() - ours["components"]["schemas"].keys()
    assert all(name.startswith("Old") for name in only_old)
    for name in only_old:
        del schemas[name]
    assert document["paths"] == ours["paths"]
    del schemas["Readiness"], ours["components"]["schemas"]["Readiness"]  # has random examples
    assert schemas == ours["components"]["schemas"]


async def test_a_setting_ends_it(strict: Node) -> None:
    """Calls of old are gone, unknown fields refused, and answers have our names only."""
    async with http_client(strict) as http:
        player = await sign_up(http, strict)
        for path in CALLS:
            assert_problem(await player.call("GET", path), 404, "no_such_route")
        async with nothing_changes(player):
            for endpoint in TOLERANT:
                answer = await player.call("POST", endpoint.path, {**endpoint.body, "other": 1})
                assert_wrong(answer, "other")
            assert_wrong(await player.call("POST", CASH_OUT, {}), "round_id")
        me = await player.ok("GET", "/api/auth/me")
        assert not me.keys() & {"is_admin", "gold_balance", "experience", "vip_points"}
        round_ = await bet_crash(player)
        assert not round_.keys() & {"game_id", "multiplier", "max_multiplier"}
        assert round_["status"] == "active"
        assert len((await player.spin())["reels"][0]) == 3
