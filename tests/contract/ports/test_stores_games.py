"""StatsStore and CrashRoundStore."""

from typing import Any

import pytest
from attrs import evolve

from application.ports.storage.unit_of_work import Work
from domain.errors import NotFound
from domain.events import GameType
from domain.games.crash import MAX_MULTIPLIER, CrashRound, RoundStatus
from domain.player import MAX_AMOUNT
from domain.progress.stats import GameStats
from tests.support.storage import Storage

START = 1_772_368_215_678
CALM = 1_000
"""A time before which no other test's round crashes."""


async def test_no_statistics_are_empty_ones(storage: Storage) -> None:
    """`get` returns empty statistics of the game, `all` returns none."""
    user_id = await storage.new_player()
    stats = await storage.read(lambda stores: stores.stats.get(user_id, GameType.RPS))
    assert stats == GameStats(game_type=GameType.RPS)
    assert await storage.read(lambda stores: stores.stats.all(user_id)) == []


def saving(user_id: int, stats: GameStats) -> Work[None]:
    return lambda stores: stores.stats.save(user_id, stats)


async def test_statistics_are_replaced_when_saved_again(storage: Storage) -> None:
    """There is one row per player and game; the largest totals fit."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    slot = GameStats(game_type=GameType.SLOT).played(10).settled(10, 50)
    more = slot.played(20).settled(20, 0)
    huge = GameStats(
        game_type=GameType.CRASH,
        plays=MAX_AMOUNT,
        wins=MAX_AMOUNT,
        wagered=MAX_AMOUNT,
        won=MAX_AMOUNT,
        biggest_win=MAX_AMOUNT,
    )
    for stats in (slot, huge, more):
        await storage.write(saving(user_id, stats))
    assert await storage.read(lambda s: s.stats.get(user_id, GameType.SLOT)) == more
    everything = await storage.read(lambda stores: stores.stats.all(user_id))
    assert sorted(everything, key=lambda stats: stats.game_type) == [huge, more]
    assert await storage.read(lambda stores: stores.stats.all(other_id)) == []


def a_round(name: str, **fields: Any) -> CrashRound:
    return evolve(CrashRound(round_id=name, bet=10, crash_point=200, started_at=START), **fields)


async def add_rounds(storage: Storage, user_id: int, *rounds: CrashRound) -> None:
    def adding(crash_round: CrashRound) -> Work[None]:
        return lambda stores: stores.crash_rounds.add(user_id, crash_round)

    for crash_round in rounds:
        await storage.write(adding(crash_round))


def finding(user_id: int, round_id: str) -> Work[CrashRound]:
    return lambda stores: stores.crash_rounds.get(user_id, round_id)


async def test_a_round_reads_as_it_was_added_and_saved(storage: Storage) -> None:
    """All fields are equal, for an open round and a settled one."""
    user_id = await storage.new_player()
    opened = a_round(
        f"full-{user_id}", crash_point=MAX_MULTIPLIER, auto_cashout=250, nonce=MAX_AMOUNT
    )
    settled = CrashRound(
        round_id=opened.round_id,
        bet=10,
        crash_point=MAX_MULTIPLIER,
        started_at=START,
        auto_cashout=250,
        status=RoundStatus.WON,
        cashout=250,
        win=MAX_AMOUNT,
        nonce=MAX_AMOUNT,
    )
    await add_rounds(storage, user_id, opened)
    assert await storage.read(lambda s: s.crash_rounds.get(user_id, opened.round_id)) == opened
    await storage.write(lambda stores: stores.crash_rounds.save(user_id, settled))
    assert await storage.read(lambda s: s.crash_rounds.get(user_id, opened.round_id)) == settled


async def test_only_the_own_rounds_are_there(storage: Storage) -> None:
    """Other users' rounds and unknown ones are not found and cannot be changed."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    mine = a_round(f"mine-{user_id}")
    await add_rounds(storage, user_id, mine)
    for asking, name in ((other_id, mine.round_id), (user_id, "never was")):
        with pytest.raises(NotFound) as refused:
            await storage.read(finding(asking, name))
        assert refused.value.error_code == "unknown_round"
    await storage.write(lambda s: s.crash_rounds.save(other_id, a_round(mine.round_id, bet=99)))
    assert await storage.read(lambda s: s.crash_rounds.get(user_id, mine.round_id)) == mine


async def test_open_rounds_oldest_first(storage: Storage) -> None:
    """Settled rounds and other users' rounds are left out."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    young, old, middle, lost = (
        a_round(f"{name}-{user_id}", started_at=START + at)
        for name, at in (("young", 3), ("old", 1), ("middle", 2), ("lost", 0))
    )
    await add_rounds(storage, user_id, young, old, middle, lost)
    await add_rounds(storage, other_id, a_round(f"foreign-{user_id}"))
    settled = CrashRound(
        round_id=lost.round_id, bet=10, crash_point=200, started_at=START, status=RoundStatus.LOST
    )
    await storage.write(lambda stores: stores.crash_rounds.save(user_id, settled))
    opened = await storage.read(lambda stores: stores.crash_rounds.open(user_id))
    assert opened == [old, middle, young]


async def test_the_highest_cashout(storage: Storage) -> None:
    """Of the user's won rounds only; 0 without any."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    won = {"status": RoundStatus.WON, "win": 1}
    await add_rounds(
        storage,
        user_id,
        a_round(f"low-{user_id}", cashout=150, **won),
        a_round(f"high-{user_id}", cashout=250, **won),
        a_round(f"open-{user_id}", auto_cashout=900),
    )
    await add_rounds(storage, other_id, a_round(f"other-{user_id}", auto_cashout=900))
    assert await storage.read(lambda s: s.crash_rounds.highest_cashout(user_id)) == 250
    assert await storage.read(lambda s: s.crash_rounds.highest_cashout(other_id)) == 0


async def test_users_with_the_fewest_crashed_rounds_first(storage: Storage) -> None:
    """Then in the order of the first crash. Each once, if an open round has crashed by then, that
    very moment included."""
    user_id, other_id, third_id = [await storage.new_player() for _ in range(3)]
    early = a_round(f"early-{user_id}", started_at=CALM - 40, crash_point=100)
    second = a_round(f"second-{user_id}", started_at=CALM - 20, crash_point=100)
    first = a_round(f"first-{user_id}", started_at=CALM - 30, crash_point=100)
    now = a_round(f"now-{user_id}", started_at=CALM, crash_point=100)
    next_ms = a_round(f"next-{user_id}", started_at=CALM + 1, crash_point=100)
    flying = a_round(f"flying-{user_id}", started_at=CALM - 30, crash_point=500)
    await add_rounds(storage, user_id, early, second, flying)
    await add_rounds(storage, third_id, now, next_ms)
    await add_rounds(storage, other_id, first)
    users = [other_id, third_id, user_id]
    assert await storage.read(lambda stores: stores.crash_rounds.crashed(CALM, 10)) == users
    assert await storage.read(lambda stores: stores.crash_rounds.crashed(CALM, 2)) == users[:2]
    lost = evolve(first, status=RoundStatus.LOST)
    await storage.write(lambda stores: stores.crash_rounds.save(other_id, lost))
    assert await storage.read(lambda s: s.crash_rounds.crashed(CALM, 10)) == users[1:]


async def test_several_rounds_are_saved_together(storage: Storage) -> None:
    """Each under its own id."""
    user_id = await storage.new_player()
    rounds = [a_round(f"{name}-{user_id}", nonce=n) for n, name in enumerate(("one", "two"))]
    await add_rounds(storage, user_id, *rounds)
    lost = [evolve(opened, status=RoundStatus.LOST) for opened in rounds]
    await storage.write(lambda stores: stores.crash_rounds.save(user_id, *lost))
    for settled in lost:
        assert await storage.read(finding(user_id, settled.round_id)) == settled
