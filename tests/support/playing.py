"""Random play over REST, and invariants of the database afterwards."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

import httpx

from application.ports.storage.journal import JournalEntry
from tests.support.client import Client
from tests.support.database import Database
from tests.support.formats import standard_format
from tests.support.resuming_client import ResumingClient

Json = dict[str, Any]
Action = tuple[str, str, Json | None]


def random_action(random: Random, *, settled: bool = False) -> Action:
    """A random action of a player as method, path and body; if `settled`, one without later
    effects."""
    hand = random.choice(["rock", "paper", "scissors"])
    actions: list[tuple[int, Action]] = [
        (10, ("POST", "/api/games/slot/spin", {"bet_amount": random.randint(1, 5)})),
        (5, ("POST", "/api/games/rps/play", {"choice": hand, "bet_amount": 1})),
        (1, ("POST", "/api/games/gacha/pull", {"pull_count": 1})),
        (3, ("POST", "/api/games/crash/bet", {"bet_amount": 1, "auto_cashout_multiplier": 1.5})),
        (1, ("POST", "/api/shop/buy", {"product_id": "gold_100"})),
        (1, ("PATCH", "/api/profile", {"nickname": f"Nick {random.randrange(1000)}"})),
        (1, ("POST", "/api/streak/claim", None)),
    ]
    if not settled:
        actions.append((1, ("POST", "/api/games/crash/bet", {"bet_amount": 1})))
    return random.choices([action for _, action in actions], [weight for weight, _ in actions])[0]


async def play(player: Client, action: Action, *, key: str | None = None) -> httpx.Response:
    """Make a request, which the rules may refuse."""
    response = await player.call(*action, key=key)
    assert response.status_code in (200, 409), response.text
    return response


FORMAT = standard_format()


async def journals(database: Database) -> dict[int, list[Json]]:
    """Every user's events in order, in the versions that clients get by default."""
    found: dict[int, list[Json]] = {}
    rows = await database.rows(
        "SELECT user_id, seq, type, envelope FROM journal ORDER BY user_id, seq"
    )
    for user_id, *row in rows:
        served = FORMAT.encode(JournalEntry(*row))
        assert served is not None, "no type is left out by default"
        found.setdefault(user_id, []).append(json.loads(served))
    return found


async def check_books(database: Database) -> None:
    """Numbers have no gaps, heads match the journals, and gold adds up, for every user."""
    for user_id, events in (await journals(database)).items():
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1)), user_id
    wrong_heads = await database.rows(
        "SELECT user_id, seq FROM heads h WHERE seq != "
        "(SELECT coalesce(max(seq), 0) FROM journal j WHERE j.user_id = h.user_id)"
    )
    wrong_gold = await database.rows(
        "SELECT user_id, gold FROM players p WHERE gold != "
        "(SELECT sum(delta) FROM ledger l WHERE l.user_id = p.user_id) OR gold < 0"
    )
    assert (wrong_heads, wrong_gold) == ([], [])
    assert await database.rows("SELECT count(*) FROM players") != [(0,)]


async def check_device(device: ResumingClient) -> None:
    """The device's view equals the server's state at the same position."""
    while True:
        answer = await device.player.ok("GET", "/api/realtime/state")
        seq = int(answer["position"].rpartition(":")[2])
        await device.until(seq)
        if device.view.seq == seq:  # else a crash round has ended meanwhile: check again
            device.view.expect(answer["state"])
            assert device.since == answer["position"]
            return


async def check_devices(devices: Sequence[ResumingClient], database: Database) -> int:
    """Each device has its user's whole journal, in order and once. Returns the number of events in
    the journals."""
    found = await journals(database)
    for device in devices:
        journal = found.get(device.player.user_id, [])
        await device.until(len(journal))
        assert device.view.events[: len(journal)] == journal
        await check_device(device)
        assert device.fresh_starts == 0, "it could have gone on from its position"
    return sum(map(len, found.values()))
