"""Crash settlement: everybody's rounds are settled in time, whatever one player has open."""

import json
from collections import Counter
from typing import Any

import pytest
from attrs import evolve

from application.cluster.event_range import EventRange
from application.jobs.crash_settlement import PAGE
from application.ports.storage.stores import Stores
from domain.games.crash import MAX_OPEN_ROUNDS, CrashRound
from tests.support.stepping import finish
from tests.support.world import World

FLOOD = 2_400


@pytest.fixture
def world() -> World:
    return World()


def open_rounds(world: World, user_id: int, count: int, **fields: Any) -> None:
    """Rounds that crash as soon as they begin, unless `fields` say otherwise."""
    started_at = int(world.clock.now().timestamp() * 1000)

    def add(stores: Stores) -> None:
        for number in range(count):
            opened = CrashRound(
                round_id=f"{user_id}-{number}", bet=1, crash_point=100, started_at=started_at
            )
            stores.crash_rounds.add(user_id, evolve(opened, **fields))

    finish(world.database.write(add))


def settle(world: World) -> int:
    """One run of the job."""
    return finish(world.container.crash_settlement().execute())


def lost(world: World, user_id: int) -> list[Any]:
    """The rounds that devices were told to be lost."""
    events = map(json.loads, world.journal(user_id))
    return [
        event["data"]["result"]["round_id"]
        for event in events
        if event["data"].get("subtype") == "crash_lost"
    ]


def test_a_flood_of_one_player_delays_nobody(world: World) -> None:
    """A round that crashed after thousands of another player's is settled by the next run."""
    flooder, honest = world.add_player("flooder"), world.add_player("honest")
    open_rounds(world, flooder, FLOOD)
    world.clock.advance(1)
    open_rounds(world, honest, 1)
    settle(world)
    assert lost(world, honest) == [f"{honest}-0"]


def test_players_with_few_rounds_come_first(world: World) -> None:
    """Also after many players with many rounds that crashed earlier: before a second page."""
    flood = [world.add_player(f"flooder{number}") for number in range(PAGE)]
    for user_id in flood:
        open_rounds(world, user_id, 3)
    world.clock.advance(1)
    honest = world.add_player("honest")
    open_rounds(world, honest, 1)
    settle(world)
    published = world.broadcaster.under_way
    settled = [message.user_id for message in published if isinstance(message, EventRange)]
    assert settled == [honest, *flood]


def test_all_players_are_settled_by_one_run(world: World) -> None:
    """However many there are, and each of their rounds once."""
    users = [world.add_player(f"player{number}") for number in range(300)]
    for user_id in users:
        open_rounds(world, user_id, 3)
    assert settle(world) == 900
    assert all(Counter(lost(world, user_id)).total() == 3 for user_id in users)
    assert settle(world) == 0


def test_a_player_who_cannot_be_settled_delays_nobody(world: World) -> None:
    """A fault with one player's rounds is logged; the others' rounds are settled."""
    broken, honest = world.add_player("broken"), world.add_player("honest")
    open_rounds(world, broken, 1, nonce=3)
    give_unknown_seeds(world, broken)
    open_rounds(world, honest, 1)
    assert settle(world) == 1
    assert lost(world, honest) == [f"{honest}-0"]
    assert lost(world, broken) == []


def give_unknown_seeds(world: World, user_id: int) -> None:
    """Seeds that were made with a secret that is not configured."""

    def give(stores: Stores) -> None:
        player = stores.players.lock(user_id)
        seeds = evolve(player.seeds, server_salt="00000000.salt")
        stores.players.save(evolve(player, seeds=seeds))

    finish(world.database.write(give))


def test_the_rounds_of_a_player_are_settled_together(world: World) -> None:
    """Up to the limit of open rounds, in one transaction: their events have the same time and
    consecutive numbers."""
    user_id = world.add_player("ada")
    open_rounds(world, user_id, MAX_OPEN_ROUNDS)
    settle(world)
    assert len(lost(world, user_id)) == MAX_OPEN_ROUNDS
    (published,) = world.broadcaster.under_way
    assert isinstance(published, EventRange)
    assert len(published.entries) == MAX_OPEN_ROUNDS


def test_a_round_that_still_flies_is_left_alone(world: World) -> None:
    user_id = world.add_player("ada")
    open_rounds(world, user_id, 1, crash_point=200)
    assert settle(world) == 0
    assert len(world.state(user_id)["open_rounds"]) == 1
