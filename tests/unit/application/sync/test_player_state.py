"""The state of a player, in the form that devices get."""

import json
from datetime import timedelta
from typing import Any

import pytest

from application.ports.storage.stores import Stores
from application.sync.player_state import LAST_PLAYS
from application.transactions.command import Actor
from application.use_cases.games.spin_slot import SpinCommand
from application.use_cases.players.buy_product import BuyCommand
from domain.shop import LATEST_PURCHASES
from tests.support.stepping import finish
from tests.support.world import World

NOW = "2026-03-01T12:00:00.000Z"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def ada(world: World) -> int:
    """A new player."""
    return world.add_player("ada")


def spin(world: World, user_id: int) -> None:
    finish(world.container.spin_slot().execute(Actor(user_id=user_id), SpinCommand(bet_amount=1)))


def buy(world: World, user_id: int) -> None:
    command = BuyCommand(product_id="gold_100")
    finish(world.container.buy_product().execute(Actor(user_id=user_id), command))


def events(world: World, user_id: int, event_type: str) -> list[Any]:
    """Newest first."""
    journal = map(json.loads, world.journal(user_id))
    return [event for event in journal if event["type"] == event_type][::-1]


def test_new_player(world: World, ada: int) -> None:
    """All achievements and the marathon of the week are there, with nothing reached."""
    state = world.state(ada)
    achievements = state.pop("achievements")
    assert state == {
        "profile": {
            "nickname": "ada",
            "gold": 1000,
            "exp": 0,
            "level": 1,
            "tier": "bronze",
            "total_spent": 0,
        },
        "events": {
            "marathon_2026-W09": {
                "event_id": "marathon_2026-W09",
                "progress": {"current": 0, "target": 100},
                "completed": False,
            }
        },
        "streaks": {},
        "stats": {},
        "recent_rewards": [],
        "purchases": [],
        "last_plays": [],
        "open_rounds": [],
    }
    games, ranks = ("slot", "rps", "gacha", "crash"), ("novice", "veteran", "master")
    assert list(achievements) == [f"{game}_{rank}" for game in games for rank in ranks]
    assert achievements["rps_veteran"] == {
        "achievement_id": "rps_veteran",
        "achievement_type": "plays",
        "progress": 0,
        "target": 100,
        "unlocked": False,
    }


def test_progress_is_exact_between_announcements(world: World, ada: int) -> None:
    """A reload loses no play; the marathon begins anew with the week."""
    spin(world, ada)
    assert events(world, ada, "achievement_progress") == []
    state = world.state(ada)
    assert state["achievements"]["slot_novice"]["progress"] == 1
    assert state["events"]["marathon_2026-W09"]["progress"] == {"current": 1, "target": 100}
    world.clock.advance(timedelta(days=1).total_seconds())
    assert world.state(ada)["events"] == {
        "marathon_2026-W10": {
            "event_id": "marathon_2026-W10",
            "progress": {"current": 0, "target": 100},
            "completed": False,
        }
    }


def test_latest_plays_and_purchases(world: World, ada: int) -> None:
    """They are as in their events, newest first, up to a limit."""
    world.give_gold(ada, 100_000)
    for _ in range(LATEST_PURCHASES + 1):
        spin(world, ada)
        buy(world, ada)
    state, games = world.state(ada), events(world, ada, "game_event")
    assert len(games) > LAST_PLAYS
    assert state["last_plays"] == [
        {"id": game["id"], "seq": game["seq"], "ts": NOW, **game["data"]}
        for game in games[:LAST_PLAYS]
    ]
    updates = events(world, ada, "purchase_update")
    assert state["purchases"] == [
        {**update["data"], "timestamp": NOW} for update in updates[:LATEST_PURCHASES]
    ]


def test_plays_that_the_journal_lost_are_missing(world: World, ada: int) -> None:
    """They are read from the journal, which is trimmed."""
    for _ in range(3):
        spin(world, ada)
    newest, second, _ = world.state(ada)["last_plays"]

    def trim(stores: Stores) -> int:
        keep = stores.journal.head(ada).seq - second["seq"]
        return stores.journal.trim(ada, before=world.clock.now(), keep=keep, limit=1000)

    finish(world.database.write(trim))
    assert world.state(ada)["last_plays"] == [newest]
