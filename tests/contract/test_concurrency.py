"""Concurrent requests of one user neither lose an update nor overspend."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.support.client import Client


async def test_fifty_bets_of_someone_who_can_pay_ten(player: Client) -> None:
    """Exactly ten succeed, the others are refused for lack of gold, and numbers have no gap."""
    body = {"bet_amount": 100}
    responses = await asyncio.gather(
        *(player.call("POST", "/api/games/crash/bet", body) for _ in range(50))
    )
    assert Counter(response.status_code for response in responses) == {200: 10, 409: 40}
    refused = [response.json()["code"] for response in responses if response.status_code == 409]
    assert set(refused) == {"insufficient_gold"}
    seqs = [
        event["seq"]
        for response in responses
        if response.status_code == 200
        for event in response.json()["events"]
    ]
    assert sorted(seqs) == list(range(1, len(seqs) + 1))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/shop/buy", {"product_id": "gold_100"}),
        ("/api/games/slot/spin", {"bet_amount": 10}),
        ("/api/streak/claim", None),
    ],
    ids=["purchase", "spin", "streak"],
)
async def test_one_idempotency_key_twenty_times_at_once(
    player: Client, path: str, body: Any
) -> None:
    """The request happens once, and all answers are equal."""
    responses = await asyncio.gather(
        *(player.call("POST", path, body, key="once") for _ in range(20))
    )
    answers = [response.json() for response in responses]
    assert answers == [answers[0]] * 20
    state = (await player.ok("GET", "/api/realtime/state"))["state"]
    assert state["profile"]["gold"] == answers[0]["balance"]
    if path == "/api/shop/buy":
        assert state["profile"]["total_spent"] == 100


async def test_devices_see_a_repeated_purchase(player: Client) -> None:
    """They get `idempotent_reuse` with the first receipt."""
    async with player.device() as device:
        body = {"product_id": "gold_100"}
        first = await player.ok("POST", "/api/shop/buy", body, key="k")
        await player.ok("POST", "/api/shop/buy", body, key="k")
        reuse = await device.until("purchase_update", status="idempotent_reuse")
        assert reuse["data"]["receipt_code"] == first["receipt_code"]


async def test_a_key_belongs_to_one_request(player: Client) -> None:
    """Other parameters under the same key are refused."""
    await player.ok("POST", "/api/games/slot/spin", {"bet_amount": 1}, key="k")
    other = await player.call("POST", "/api/games/slot/spin", {"bet_amount": 2}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_refused_request_leaves_its_key_free(player: Client) -> None:
    """The same key can be used once there is enough gold."""
    body = {"bet_amount": 2000}
    refused = await player.call("POST", "/api/games/slot/spin", body, key="k")
    assert refused.status_code == 409
    await player.ok("POST", "/api/streak/claim")
    await player.ok("POST", "/api/games/slot/spin", body, key="k")
