"""JournalStore: numbers without a gap, in the order of commits, and pages of entries."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.outbound.sql.tables import journal
from application.ports.stores import Stores
from application.ports.stores.journal import Entry, Head
from application.ports.unit_of_work import Work
from domain.errors import NotFound
from domain.events import BalanceUpdate, GameEvent
from tests.support.storage import NOW, Storage

SIZE = 200
"""Bytes of the envelopes made here; real ones have at least 128."""


def envelope(seq: int, size: int = SIZE) -> bytes:
    return (b"%d " % seq).ljust(size, b"\xff")


def append(stores: Stores, user_id: int, types: Sequence[str], size: int = SIZE) -> list[Entry]:
    last = stores.journal.advance(user_id, len(types))
    entries = [
        Entry(seq, event_type, envelope(seq, size))
        for seq, event_type in enumerate(types, start=last - len(types) + 1)
    ]
    stores.journal.append(user_id, entries, NOW)
    return entries


def appending(user_id: int, *types: str, size: int = SIZE) -> Work[list[Entry]]:
    return lambda stores: append(stores, user_id, types, size)


def page_of(user_id: int, after: int = 0, max_bytes: int = 2**30) -> Work[list[Entry]]:
    return lambda stores: stores.journal.page(user_id, after, max_bytes)


async def test_the_epoch_stays(storage: Storage) -> None:
    """It is one identity, short enough for a position."""
    epoch = await storage.read(lambda stores: stores.journal.epoch())
    assert 1 <= len(epoch) <= 64
    await storage.new_player()
    assert await storage.read(lambda stores: stores.journal.epoch()) == epoch


async def test_nobody_has_no_head(storage: Storage) -> None:
    """There is no head without a player."""
    with pytest.raises(NotFound) as refused:
        await storage.read(lambda stores: stores.journal.head(2**40))
    assert refused.value.error_code == "unknown_user"


async def test_advance_moves_the_head_of_one_user(storage: Storage) -> None:
    """By as much as it says, and tells the last number taken."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    assert await storage.write(lambda stores: stores.journal.advance(user_id, 3)) == 3
    assert await storage.write(lambda stores: stores.journal.advance(user_id, 1)) == 4
    head = await storage.read(lambda stores: stores.journal.head(user_id))
    assert head == Head(user_id, seq=4, floor=0)
    assert (await storage.read(lambda stores: stores.journal.head(other_id))).seq == 0


async def test_numbers_of_work_that_failed_are_taken_again(storage: Storage) -> None:
    """A rollback leaves no gap."""
    user_id = await storage.new_player()

    def failing(stores: Stores) -> None:
        append(stores, user_id, ["x", "y"])
        raise LookupError

    with pytest.raises(LookupError):
        await storage.write(failing)
    entries = await storage.write(appending(user_id, "z"))
    assert [entry.seq for entry in entries] == [1]
    assert await storage.read(page_of(user_id)) == entries


async def test_nobody_ever_sees_a_gap(storage: Storage) -> None:
    """While many append and some fail, each snapshot holds 1 to its head, in order."""
    user_id = await storage.new_player()

    def work(stores: Stores, n: int) -> list[Entry]:
        entries = append(stores, user_id, [f"by {n}"] * (n % 4 + 1))
        if n % 5 == 0:
            raise LookupError
        return entries

    def snapshot(stores: Stores) -> tuple[int, list[int]]:
        entries = stores.journal.page(user_id, 0, 2**30)
        return stores.journal.head(user_id).seq, [entry.seq for entry in entries]

    writing = asyncio.gather(
        *(storage.write(lambda stores, n=n: work(stores, n)) for n in range(60)),
        return_exceptions=True,
    )
    heads = []
    while not heads or not writing.done():
        head, seqs = await storage.read(snapshot)
        assert seqs == list(range(1, head + 1))
        heads.append(head)
        await asyncio.sleep(0)
    assert heads == sorted(heads)
    written = [entry for done in await writing if isinstance(done, list) for entry in done]
    assert len(written) == sum(n % 4 + 1 for n in range(60) if n % 5)
    assert await storage.read(page_of(user_id)) == sorted(written, key=lambda entry: entry.seq)


async def test_writes_return_in_the_order_of_their_numbers(storage: Storage) -> None:
    """What is announced right after a write of one user goes out in journal order, where the
    adapter sees to that; elsewhere it is put in order by its receivers."""
    user_id = await storage.new_player()
    returned: list[int] = []

    async def write() -> None:
        entries = await storage.write(appending(user_id, "x"))
        returned.append(entries[0].seq)

    await asyncio.gather(*(write() for _ in range(50)))
    assert (returned if storage.answers_in_order else sorted(returned)) == list(range(1, 51))


async def test_entries_read_as_they_were_written(storage: Storage) -> None:
    """Number, type and every byte."""
    user_id = await storage.new_player()
    entries = [
        Entry(1, BalanceUpdate.type, bytes(range(256))),
        Entry(2, GameEvent.type, "für 玩家 🎰".encode() * 20_000),
    ]

    def work(stores: Stores) -> None:
        stores.journal.advance(user_id, 2)
        stores.journal.append(user_id, entries, NOW)

    await storage.write(work)
    assert await storage.read(page_of(user_id)) == entries
    rows = await storage.rows(journal.select().where(journal.c.user_id == user_id))
    assert {row.created_at for row in rows} == {NOW.timestamp() * 1000}


async def test_a_page_begins_after_the_number_asked_for(storage: Storage) -> None:
    """At the head, beyond it and with another user's entries around, there is nothing more."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    entries = await storage.write(appending(user_id, *"abcde"))
    await storage.write(appending(other_id, *"fghijk"))
    assert await storage.read(page_of(user_id, after=2)) == entries[2:]
    assert await storage.read(page_of(user_id, after=5)) == []
    assert await storage.read(page_of(user_id, after=6)) == []


@pytest.mark.parametrize(
    ("max_bytes", "fitting"),
    [(0, 1), (1, 1), (SIZE, 1), (2 * SIZE - 1, 1), (2 * SIZE, 2), (10 * SIZE, 10), (2**40, 10)],
)
async def test_a_page_takes_what_fits(storage: Storage, max_bytes: int, fitting: int) -> None:
    """At least one entry, so that a reader always gets on."""
    user_id = await storage.new_player()
    entries = await storage.write(appending(user_id, *"abcdefghij"))
    assert await storage.read(page_of(user_id, 0, max_bytes)) == entries[:fitting]


async def test_the_smallest_envelopes_fill_a_page(storage: Storage) -> None:
    """As many as fit, however many that are."""
    user_id = await storage.new_player()
    entries = await storage.write(appending(user_id, *(["x"] * 100), size=128))
    assert await storage.read(page_of(user_id, 0, 99 * 128)) == entries[:99]


async def test_the_latest_games_oldest_first(storage: Storage) -> None:
    """Game events only, over all users, in the order they were committed."""
    users = [await storage.new_player() for _ in range(3)]
    games = []
    for n in range(12):
        user_id = users[n % 3]
        types = [BalanceUpdate.type, GameEvent.type, GameEvent.type, BalanceUpdate.type]
        entries = await storage.write(appending(user_id, *types))
        games += [(user_id, entry) for entry in entries if entry.type == GameEvent.type]
    assert await storage.read(lambda stores: stores.journal.recent_games(20)) == games[-20:]
    assert await storage.read(lambda stores: stores.journal.recent_games(1)) == games[-1:]


async def test_the_latest_games_of_many_at_once(storage: Storage) -> None:
    """None is missing, and those of one user come in the order of their numbers."""
    users = [await storage.new_player() for _ in range(5)]

    def play(user_id: int) -> Work[list[Entry]]:
        def work(stores: Stores) -> list[Entry]:
            stores.players.lock(user_id)
            return append(stores, user_id, [GameEvent.type] * 2)

        return work

    await asyncio.gather(*(storage.write(play(user)) for _ in range(8) for user in users))
    games = await storage.read(lambda stores: stores.journal.recent_games(5 * 16))
    for user_id in users:
        assert [entry.seq for user, entry in games if user == user_id] == list(range(1, 17))
