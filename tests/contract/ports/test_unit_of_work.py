"""UnitOfWork: returned work is committed, raised work is rolled back, and work is isolated."""

import asyncio
from pathlib import Path

import pytest
from attrs import evolve

from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import Work
from tests.support.storage import Storage, sqlite_storage


class Refused(Exception):
    """What work raises here."""


def gold_of(user_id: int) -> Work[int]:
    return lambda stores: stores.players.get(user_id).gold


def adding(user_id: int, amount: int = 1) -> Work[int]:
    """Work that gives gold under the player's lock and returns the balance."""

    def work(stores: Stores) -> int:
        player = stores.players.lock(user_id)
        stores.players.save(evolve(player, gold=player.gold + amount))
        return player.gold + amount

    return work


def adding_and_failing(user_id: int, error: Exception) -> Work[int]:
    def work(stores: Stores) -> int:
        adding(user_id)(stores)
        stores.journal.advance(user_id, 1)
        raise error

    return work


async def test_what_was_returned_is_committed(storage: Storage) -> None:
    """A read after the write sees it."""
    user_id = await storage.new_player(gold=1)
    assert await storage.write(adding(user_id)) == 2
    assert await storage.read(gold_of(user_id)) == 2


async def test_work_that_raises_leaves_nothing(storage: Storage) -> None:
    """All its changes are undone, and its exception comes out as it is."""
    user_id = await storage.new_player(gold=1)
    error = Refused("no")
    with pytest.raises(Refused) as raised:
        await storage.write(adding_and_failing(user_id, error))
    assert raised.value is error
    assert await storage.read(gold_of(user_id)) == 1
    assert (await storage.read(lambda stores: stores.journal.head(user_id))).seq == 0


async def test_one_that_fails_harms_no_other(storage: Storage) -> None:
    """Of concurrent writes, only those that raise are rolled back."""
    users = [await storage.new_player() for _ in range(70)]
    outcomes = await asyncio.gather(
        *(
            storage.write(adding_and_failing(user, Refused()) if n % 7 == 0 else adding(user))
            for n, user in enumerate(users)
        ),
        return_exceptions=True,
    )
    failed = [isinstance(outcome, Refused) for outcome in outcomes]
    assert failed == [n % 7 == 0 for n in range(70)]
    gold = [await storage.read(gold_of(user)) for user in users]
    assert gold == [0 if n % 7 == 0 else 1 for n in range(70)]


async def test_a_refused_statement_harms_no_other(storage: Storage) -> None:
    """Writes that the database refuses are rolled back; the others are committed."""
    taken, user_id = await storage.new_player(), await storage.new_player()

    def same_player_again(stores: Stores) -> None:
        stores.players.add(stores.players.get(taken))

    works = [same_player_again if n % 5 == 0 else adding(user_id) for n in range(30)]
    outcomes = await asyncio.gather(*map(storage.write, works), return_exceptions=True)
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 6
    assert await storage.read(gold_of(user_id)) == 24


async def test_a_stray_stop_iteration_harms_no_other(storage: Storage) -> None:
    """StopIteration, which futures and coroutines cannot carry, becomes RuntimeError."""
    user_id = await storage.new_player()

    def work(stores: Stores) -> object:
        return next(iter(stores.players.streaks(user_id)))

    async def write(n: int) -> object:
        return await storage.write(work if n % 5 == 0 else adding(user_id))

    outcomes = await asyncio.wait_for(
        asyncio.gather(*map(write, range(30)), return_exceptions=True), 10
    )
    assert sum(isinstance(outcome, RuntimeError) for outcome in outcomes) == 6
    assert await storage.read(gold_of(user_id)) == 24
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(storage.read(work), 10)


async def test_no_update_is_lost(storage: Storage) -> None:
    """Fifty concurrent increments of one wallet each see another balance."""
    user_id = await storage.new_player()
    balances = await asyncio.gather(*(storage.write(adding(user_id)) for _ in range(50)))
    assert sorted(balances) == list(range(1, 51))
    assert await storage.read(gold_of(user_id)) == 50


async def test_work_that_gets_in_each_others_way_is_done_all_the_same(storage: Storage) -> None:
    """Two writes that lock the same players in opposite order both commit."""
    one, other = await storage.new_player(), await storage.new_player()

    def both(first: int, second: int) -> Work[None]:
        def work(stores: Stores) -> None:
            adding(first)(stores)
            adding(second)(stores)

        return work

    for _ in range(2):
        await asyncio.gather(storage.write(both(one, other)), storage.write(both(other, one)))
    assert await storage.read(gold_of(one)) == await storage.read(gold_of(other)) == 4


async def test_a_failing_read_harms_no_other(storage: Storage) -> None:
    """Its exception is raised unchanged, and many failing reads do not exhaust the pool."""
    user_id = await storage.new_player(gold=7)
    error = Refused("no")

    def work(stores: Stores) -> int:
        stores.players.get(user_id)
        raise error

    outcomes = await asyncio.gather(
        *(storage.read(work) for _ in range(40)), return_exceptions=True
    )
    assert all(outcome is error for outcome in outcomes)
    assert await storage.read(gold_of(user_id)) == 7


async def test_nobody_has_to_wait_for_an_answer(storage: Storage) -> None:
    """Callers cancelled before or during their work do not affect others."""
    user_id = await storage.new_player()
    writes = [asyncio.ensure_future(storage.write(adding(user_id))) for _ in range(30)]
    await storage.read(gold_of(user_id))
    for write in writes[::3]:
        write.cancel()
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    done = [outcome for outcome in outcomes if isinstance(outcome, int)]
    assert len(done) >= 20
    assert len(done) == len(set(done))
    assert await storage.write(adding(user_id)) >= len(done) + 1


async def test_a_read_is_one_snapshot(overlapping: Storage) -> None:
    """Commits during a read are not seen by it, in any table."""
    user_id = await overlapping.new_player(gold=1)

    def change(stores: Stores) -> None:
        adding(user_id)(stores)
        stores.journal.advance(user_id, 1)

    def work(stores: Stores) -> tuple[int, int, int]:
        before = stores.players.get(user_id).gold
        overlapping.meanwhile(overlapping.write(change))
        head = stores.journal.head(user_id)
        return before, stores.players.get(user_id).gold, head.seq

    assert await overlapping.read(work) == (1, 1, 0)
    assert await overlapping.read(gold_of(user_id)) == 2


async def test_what_is_not_committed_is_not_seen(overlapping: Storage) -> None:
    """A read during a write neither waits for it nor sees its changes."""
    user_id = await overlapping.new_player(gold=1)

    def work(stores: Stores) -> int:
        adding(user_id)(stores)
        return overlapping.meanwhile(overlapping.read(gold_of(user_id)))

    assert await overlapping.write(work) == 1
    assert await overlapping.read(gold_of(user_id)) == 2


async def test_a_locked_player_stays_as_it_is(overlapping: Storage) -> None:
    """Another write to the player waits for the end of the transaction."""
    user_id = await overlapping.new_player(gold=1)

    async def begin() -> asyncio.Task[int]:
        return asyncio.create_task(overlapping.write(adding(user_id, 10)))

    def work(stores: Stores) -> tuple[asyncio.Task[int], bool]:
        player = stores.players.lock(user_id)
        other = overlapping.meanwhile(begin())
        for _ in range(10):
            overlapping.meanwhile(overlapping.read(gold_of(user_id)))
        stores.players.save(evolve(player, gold=player.gold + 1))
        return other, other.done()

    other, too_early = await overlapping.write(work)
    assert not too_early
    assert await other == 12


async def test_stopping_finishes_what_was_begun(tmp_path: Path) -> None:
    """On SQLite, everything submitted before `stop` is completed."""
    async with sqlite_storage(tmp_path) as storage:
        user_id = await storage.new_player()
        writes = [asyncio.ensure_future(storage.write(adding(user_id))) for _ in range(200)]
        reads = [asyncio.ensure_future(storage.read(gold_of(user_id))) for _ in range(20)]
        await asyncio.sleep(0)
    done, waiting = await asyncio.wait([*writes, *reads], timeout=5)
    assert not waiting
    assert all(task.exception() is None for task in done)
    async with sqlite_storage(tmp_path) as storage:
        assert await storage.read(gold_of(user_id)) == 200
