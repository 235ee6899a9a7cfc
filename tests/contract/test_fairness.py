"""`/api/fairness` over real sockets: seeds, rounds and verification as clients see them."""

import asyncio

import pytest

from domain.fairness import commitment
from tests.support.client import Client
from tests.support.endpoints import assert_problem


async def test_answer_event_and_list_have_the_same_facts(player: Client) -> None:
    """Those that were shown before; the frame has them, too."""
    shown = await player.ok("GET", "/api/fairness")
    following = shown.pop("next_server_seed_hash")
    async with player.device() as device:
        await device.until("initial_state")
        spun = await player.spin()
        frame = await device.until("game_event")
    listed = await player.ok("GET", "/api/fairness/rounds")
    assert spun["fairness"] == frame["data"]["fairness"] == shown
    assert listed["rounds"][0]["fairness"] == shown
    assert listed["rounds"][0]["server_seed"] is None
    rotated = await player.ok("POST", "/api/fairness/rotate")
    assert commitment(rotated["revealed_server_seed"]) == shown["server_seed_hash"]
    assert rotated["server_seed_hash"] == following
    verified = await player.ok(
        "POST",
        "/api/fairness/verify",
        {
            "game_type": "slot",
            "server_seed": rotated["revealed_server_seed"],
            "client_seed": shown["client_seed"],
            "nonce": 0,
        },
    )
    assert verified["result"]["reels"] == spun["reels"][0]


async def test_simultaneous_rounds_take_different_nonces(player: Client) -> None:
    """None is taken twice and none is left out."""
    spins = await asyncio.gather(*(player.spin() for _ in range(20)))
    assert sorted(spun["fairness"]["nonce"] for spun in spins) == list(range(20))


async def test_rotation_while_rounds_are_played(player: Client) -> None:
    """Each round belongs to exactly one pair, and counts from 0 within it."""
    calls = [
        player.ok("POST", "/api/fairness/rotate") if n % 5 == 4 else player.spin()
        for n in range(25)
    ]
    await asyncio.gather(*calls)
    pairs: dict[str, list[int]] = {}
    for past in (await player.ok("GET", "/api/fairness/rounds?limit=100"))["rounds"]:
        pairs.setdefault(past["fairness"]["server_seed_hash"], []).append(past["fairness"]["nonce"])
    assert sum(map(len, pairs.values())) == 20
    assert all(sorted(nonces) == list(range(len(nonces))) for nonces in pairs.values())


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "before=0", f"before={2**63}", "limit=x"]
)
async def test_bad_pages_are_refused(player: Client, query: str) -> None:
    """The query is named as the reason."""
    response = await player.call("GET", f"/api/fairness/rounds?{query}")
    problem = assert_problem(response, 422, "invalid_input")
    assert [error["field"] for error in problem["errors"]] == [query.partition("=")[0]]


async def test_a_client_cannot_name_a_multiplier(player: Client) -> None:
    """A round of a few milliseconds is not cashed out at 100, whatever the request says."""
    opened = await player.ok("POST", "/api/games/crash/bet", {"bet_amount": 10})
    body = {"round_id": opened["round_id"], "multiplier": 100.0}
    response = await player.call("POST", "/api/games/crash/cashout", body)
    assert response.status_code != 200 or response.json()["win_amount"] < 1_000


async def test_a_bad_client_seed_is_named(player: Client) -> None:
    """With the field."""
    response = await player.call("POST", "/api/fairness/client-seed", {"client_seed": "a:b"})
    problem = assert_problem(response, 422, "invalid_input")
    assert [error["field"] for error in problem["errors"]] == ["client_seed"]


async def test_an_open_crash_round_keeps_its_secret(player: Client) -> None:
    """Neither the answer nor the list has its crash point or its server seed."""
    opened = await player.ok("POST", "/api/games/crash/bet", {"bet_amount": 1})
    assert opened["crash_point"] is None
    listed = (await player.ok("GET", "/api/fairness/rounds"))["rounds"]
    (shown,) = [past for past in listed if past["result"]["status"] == "open"]
    assert (shown["result"]["crash_point"], shown["server_seed"]) == (None, None)
    refused = await player.call("POST", "/api/fairness/rotate")
    if refused.status_code != 200:  # else the round has crashed meanwhile
        assert_problem(refused, 409, "open_rounds")
