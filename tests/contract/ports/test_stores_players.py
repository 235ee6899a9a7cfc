"""PlayerStore: players, ledger, streaks and rewards."""

from datetime import date, timedelta

import pytest
from attrs import evolve

from adapters.outbound.sql.stores import SqlStores
from adapters.outbound.sql.tables import ledger, rewards
from application.ports.storage.journal import Head
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import Work
from domain.errors import NotFound
from domain.events import RewardGranted
from domain.fairness import RevealedSeed, SeedPair
from domain.ledger import LedgerEntry, LedgerReason
from domain.player import MAX_AMOUNT, Player
from domain.progress.rewards import Reward
from domain.progress.streak import DAILY_LOGIN, Streak
from tests.support.storage import NOW, Storage


async def test_a_player_reads_as_it_was_added(storage: Storage) -> None:
    """All fields are equal with and without a lock, with the largest amounts and any letters."""
    player = Player(
        user_id=await storage.new_account(),
        nickname="Ünïcødé 🎰 玩家",
        gold=MAX_AMOUNT,
        exp=MAX_AMOUNT,
        total_spent=MAX_AMOUNT,
        gacha_pity=49,
        marathon_week="2026-W09",
        marathon_plays=12,
        marathon_wagered=MAX_AMOUNT,
        seeds=SeedPair(
            server_salt="salt", next_server_salt="next", client_seed="mine", nonce=MAX_AMOUNT
        ),
    )
    await storage.write(lambda stores: stores.players.add(player))
    assert await storage.read(lambda stores: stores.players.get(player.user_id)) == player
    assert await storage.write(lambda stores: stores.players.lock(player.user_id)) == player


async def test_a_new_player_has_an_empty_journal(storage: Storage) -> None:
    """Its head is 0."""
    user_id = await storage.new_player()
    head = await storage.read(lambda stores: stores.journal.head(user_id))
    assert head == Head(user_id, seq=0, trimmed_through=0)


async def test_saving_changes_all_fields_of_one_player(storage: Storage) -> None:
    """Other players stay as they are."""
    player = Player(
        user_id=await storage.new_player(),
        nickname="New",
        gold=1,
        exp=2,
        total_spent=3,
        gacha_pity=4,
        marathon_week="2026-W10",
        marathon_plays=5,
        marathon_wagered=6,
        seeds=SeedPair(server_salt="a", next_server_salt="b", client_seed="c", nonce=7),
    )
    other_id = await storage.new_player(gold=9)
    await storage.write(lambda stores: stores.players.save(player))
    assert await storage.read(lambda stores: stores.players.get(player.user_id)) == player
    other = await storage.read(lambda stores: stores.players.get(other_id))
    assert other == Player(user_id=other_id, nickname="Nick", gold=9)


async def test_a_transaction_sees_its_own_changes(storage: Storage) -> None:
    """What was saved is what is read next."""
    user_id = await storage.new_player()

    def work(stores: Stores) -> int:
        stores.players.save(evolve(stores.players.lock(user_id), gold=3))
        return stores.players.get(user_id).gold

    assert await storage.write(work) == 3


def finding(user_id: int, method: str) -> Work[Player]:
    def work(stores: Stores) -> Player:
        player: Player = getattr(stores.players, method)(user_id)
        return player

    return work


@pytest.mark.parametrize("method", ["lock", "get"])
async def test_an_unknown_player_is_not_found(storage: Storage, method: str) -> None:
    """An account without a player is not found either."""
    for user_id in (2**40, await storage.new_account()):
        with pytest.raises(NotFound) as refused:
            await storage.write(finding(user_id, method))
        assert refused.value.error_code == "unknown_user"


async def test_a_locked_player_is_not_waited_for(storage: Storage) -> None:
    """`try_lock` returns nothing while another transaction has the lock, if transactions overlap;
    otherwise the player."""
    user_id = await storage.new_player(gold=5)
    free = await storage.write(lambda stores: stores.players.try_lock(user_id))
    assert free == await storage.read(lambda stores: stores.players.get(user_id))
    assert await storage.write(lambda stores: stores.players.try_lock(2**40)) is None
    if not storage.concurrent_writers:
        return

    def holding(stores: Stores) -> Player | None:
        stores.players.lock(user_id)
        other = storage.write(lambda stores: stores.players.try_lock(user_id))
        return storage.meanwhile(other)

    assert await storage.write(holding) is None


async def test_seeds_are_forgotten(storage: Storage) -> None:
    """Server seeds of all players; client seeds and everything else stay."""
    user_id = await storage.new_player(gold=5)
    seeds = SeedPair(server_salt="a", next_server_salt="b", client_seed="c", nonce=7)

    def give(stores: Stores) -> None:
        stores.players.save(evolve(stores.players.lock(user_id), seeds=seeds))

    await storage.write(give)
    await storage.write(lambda stores: stores.players.forget_seeds())
    player = await storage.read(lambda stores: stores.players.get(user_id))
    assert player == Player(
        user_id=user_id, nickname="Nick", gold=5, seeds=SeedPair(client_seed="c")
    )


async def test_revealed_seeds_are_found_by_their_hash(storage: Storage) -> None:
    """Of their own player only."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    revealed = RevealedSeed(server_seed="seed", client_seed="mine", rounds=MAX_AMOUNT)
    digest = revealed.server_seed_hash
    await storage.write(lambda stores: stores.revealed_seeds.add(user_id, revealed))
    assert await storage.read(lambda s: s.revealed_seeds.find(user_id, digest)) == revealed
    assert await storage.read(lambda s: s.revealed_seeds.find(user_id, "0" * 64)) is None
    assert await storage.read(lambda s: s.revealed_seeds.find(other_id, digest)) is None


async def test_the_ledger_keeps_every_entry(storage: Storage) -> None:
    """Entries are stored in order with all their fields."""
    user_id = await storage.new_player()
    entries = [
        LedgerEntry(1_000, 1_000, LedgerReason.SIGNUP),
        LedgerEntry(-10, 990, LedgerReason.BET),
        LedgerEntry(MAX_AMOUNT - 990, MAX_AMOUNT, LedgerReason.WIN),
    ]
    await storage.write(lambda s: s.players.add_ledger_entries(user_id, entries[:1], NOW))
    await storage.write(lambda s: s.players.add_ledger_entries(user_id, entries[1:], NOW))
    rows = await storage.rows(
        ledger.select().where(ledger.c.user_id == user_id).order_by(ledger.c.entry_id)
    )
    kept = [LedgerEntry(row.delta, row.balance, LedgerReason(row.reason)) for row in rows]
    assert kept == entries
    assert {row.created_at for row in rows} == {NOW.timestamp() * 1000}


async def test_no_streak_is_an_empty_one(storage: Storage) -> None:
    """`streak` returns an empty streak of the action, `streaks` returns none."""
    user_id = await storage.new_player()
    streak = await storage.read(lambda stores: stores.players.streak(user_id, "login"))
    assert streak == Streak(action_type="login")
    assert await storage.read(lambda stores: stores.players.streaks(user_id)) == []


def saving_streak(user_id: int, streak: Streak) -> Work[None]:
    return lambda stores: stores.players.save_streak(user_id, streak)


async def test_a_streak_is_replaced_when_saved_again(storage: Storage) -> None:
    """There is one streak per player and action."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    first = Streak(action_type=DAILY_LOGIN, current_count=1, last_action_date=date(2026, 2, 28))
    second = first.claimed_on(date(2026, 3, 1))
    another = Streak(action_type="login", current_count=7, last_action_date=date(2025, 12, 31))
    for streak in (first, another, second):
        await storage.write(saving_streak(user_id, streak))
    assert await storage.read(lambda s: s.players.streak(user_id, DAILY_LOGIN)) == second
    streaks = await storage.read(lambda stores: stores.players.streaks(user_id))
    assert sorted(streaks, key=lambda s: s.action_type) == [second, another]
    assert await storage.read(lambda stores: stores.players.streaks(other_id)) == []


def reward(n: int) -> Reward:
    granted = RewardGranted(
        reward_type="gold",
        reward_data={"amount": n, "note": "für 玩家", "deep": {"list": [1, None, True, 0.5]}},
        source=f"source {n}",
    )
    return Reward(id=f"id {n}", granted=granted, granted_at=NOW + timedelta(milliseconds=n))


def granting(user_id: int, granted: list[Reward]) -> Work[None]:
    return lambda stores: stores.players.add_rewards(user_id, granted)


async def test_the_latest_rewards_newest_first(storage: Storage) -> None:
    """At most the limit is returned; rewards of one call keep their order; other users' are left
    out."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    for first, last in ((1, 1), (2, 4), (5, 6)):
        granted = [reward(n) for n in range(first, last + 1)]
        await storage.write(granting(user_id, granted))
    await storage.write(granting(other_id, [reward(7)]))
    recent = await storage.read(lambda stores: stores.players.recent_rewards(user_id, 4))
    assert recent == [reward(6), reward(5), reward(4), reward(3)]
    everything = await storage.read(lambda stores: stores.players.recent_rewards(user_id, 100))
    assert everything == [reward(n) for n in (6, 5, 4, 3, 2, 1)]


async def test_a_reward_from_before_has_an_id_of_its_own(storage: Storage) -> None:
    """The table did not know its event."""
    user_id = await storage.new_player()
    await storage.write(granting(user_id, [reward(1)]))

    def forget(stores: Stores) -> None:
        assert isinstance(stores, SqlStores)
        mine = rewards.c.user_id == user_id
        stores._connection.execute(rewards.update().where(mine).values(event_id=None))

    await storage.write(forget)
    (row,) = await storage.rows(rewards.select().where(rewards.c.user_id == user_id))
    recent = await storage.read(lambda stores: stores.players.recent_rewards(user_id, 4))
    assert recent == [evolve(reward(1), id=str(row.reward_id))]
