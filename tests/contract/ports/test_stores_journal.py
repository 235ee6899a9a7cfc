"""JournalStore: numbers without a gap, in the order of commits, and pages of entries."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import pytest

from adapters.outbound.sql.tables import journal
from application.ports.storage.journal import Head, JournaledGame, JournalEntry
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import Work
from domain.errors import NotFound
from domain.events import BalanceUpdate, GameEvent
from tests.support.storage import NOW, Storage

SIZE = 200
"""Bytes of the envelopes made here; real ones have at least 128."""


def envelope(seq: int, size: int = SIZE) -> bytes:
    return (b"%d " % seq).ljust(size, b"\xff")


def append(
    stores: Stores, user_id: int, types: Sequence[str], size: int = SIZE, at: datetime = NOW
) -> list[JournalEntry]:
    last = stores.journal.advance(user_id, len(types))
    entries = [
        JournalEntry(seq, event_type, envelope(seq, size))
        for seq, event_type in enumerate(types, start=last - len(types) + 1)
    ]
    stores.journal.append(user_id, entries, at)
    return entries


def appending(
    user_id: int, *types: str, size: int = SIZE, at: datetime = NOW
) -> Work[list[JournalEntry]]:
    return lambda stores: append(stores, user_id, types, size, at)


def page_of(user_id: int, after: int = 0, max_bytes: int = 2**30) -> Work[list[JournalEntry]]:
    return lambda stores: stores.journal.page(user_id, after, max_bytes)


async def test_the_epoch_stays(storage: Storage) -> None:
    """The epoch is short enough for a position and does not change."""
    epoch = await storage.read(lambda stores: stores.journal.epoch())
    assert 1 <= len(epoch) <= 64
    await storage.new_player()
    assert await storage.read(lambda stores: stores.journal.epoch()) == epoch


async def test_nobody_has_no_head(storage: Storage) -> None:
    """The head of an unknown user is NotFound."""
    with pytest.raises(NotFound) as refused:
        await storage.read(lambda stores: stores.journal.head(2**40))
    assert refused.value.error_code == "unknown_user"


async def test_advance_moves_the_head_of_one_user(storage: Storage) -> None:
    """`advance` adds the count to the head and returns the new one."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    assert await storage.write(lambda stores: stores.journal.advance(user_id, 3)) == 3
    assert await storage.write(lambda stores: stores.journal.advance(user_id, 1)) == 4
    head = await storage.read(lambda stores: stores.journal.head(user_id))
    assert head == Head(user_id, seq=4, trimmed_through=0)
    assert (await storage.read(lambda stores: stores.journal.head(other_id))).seq == 0


async def test_numbers_of_work_that_failed_are_taken_again(storage: Storage) -> None:
    """A rollback leaves no gap in the numbers."""
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
    """While many append and some fail, each snapshot has the numbers from 1 to its head."""
    user_id = await storage.new_player()

    def adding(n: int) -> Work[list[JournalEntry]]:
        def work(stores: Stores) -> list[JournalEntry]:
            entries = append(stores, user_id, [f"by {n}"] * (n % 4 + 1))
            if n % 5 == 0:
                raise LookupError
            return entries

        return work

    def snapshot(stores: Stores) -> tuple[int, list[int]]:
        entries = stores.journal.page(user_id, 0, 2**30)
        return stores.journal.head(user_id).seq, [entry.seq for entry in entries]

    writing = asyncio.gather(
        *(storage.write(adding(n)) for n in range(60)),
        return_exceptions=True,
    )
    heads: list[int] = []
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
    """Where the adapter promises it, concurrent writes of one user return in journal order;
    elsewhere receivers put events in order."""
    user_id = await storage.new_player()
    returned: list[int] = []

    async def write() -> None:
        entries = await storage.write(appending(user_id, "x"))
        returned.append(entries[0].seq)

    await asyncio.gather(*(write() for _ in range(50)))
    assert (returned if storage.answers_in_order else sorted(returned)) == list(range(1, 51))


async def test_entries_read_as_they_were_written(storage: Storage) -> None:
    """Number, type and bytes are equal."""
    user_id = await storage.new_player()
    entries = [
        JournalEntry(1, BalanceUpdate.type, bytes(range(256))),
        JournalEntry(2, GameEvent.type, "für 玩家 🎰".encode() * 20_000),
    ]

    def work(stores: Stores) -> None:
        stores.journal.advance(user_id, 2)
        stores.journal.append(user_id, entries, NOW)

    await storage.write(work)
    assert await storage.read(page_of(user_id)) == entries
    rows = await storage.rows(journal.select().where(journal.c.user_id == user_id))
    assert {row.created_at for row in rows} == {NOW.timestamp() * 1000}


async def test_a_page_begins_after_the_number_asked_for(storage: Storage) -> None:
    """A page at or beyond the head is empty; other users' entries are not in it."""
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
    """A page has at least one entry, so that a reader always makes progress."""
    user_id = await storage.new_player()
    entries = await storage.write(appending(user_id, *"abcdefghij"))
    assert await storage.read(page_of(user_id, 0, max_bytes)) == entries[:fitting]


async def test_the_smallest_envelopes_fill_a_page(storage: Storage) -> None:
    """A page of the smallest envelopes has as many as fit."""
    user_id = await storage.new_player()
    entries = await storage.write(appending(user_id, *(["x"] * 100), size=128))
    assert await storage.read(page_of(user_id, 0, 99 * 128)) == entries[:99]


async def latest_games(
    storage: Storage, limit: int, user_ids: Collection[int] = ()
) -> list[tuple[int, JournalEntry]]:
    games = await storage.read(lambda stores: stores.journal.recent_games(limit, user_ids))
    return [(game.user_id, game.entry) for game in games]


async def test_the_latest_games_oldest_first(storage: Storage) -> None:
    """Only game events of all users, or of some, are returned in commit order."""
    users = [await storage.new_player() for _ in range(3)]
    games = []
    for n in range(12):
        user_id = users[n % 3]
        types = [BalanceUpdate.type, GameEvent.type, GameEvent.type, BalanceUpdate.type]
        entries = await storage.write(appending(user_id, *types))
        games += [(user_id, entry) for entry in entries if entry.type == GameEvent.type]
    assert await latest_games(storage, 20) == games[-20:]
    assert await latest_games(storage, 1) == games[-1:]
    of_two = [game for game in games if game[0] != users[0]]
    assert await latest_games(storage, 5, users[1:]) == of_two[-5:]


async def test_the_latest_games_of_many_at_once(storage: Storage) -> None:
    """After concurrent commits no game is missing, and each user's games are in order."""
    users = [await storage.new_player() for _ in range(5)]

    def play(user_id: int) -> Work[list[JournalEntry]]:
        def work(stores: Stores) -> list[JournalEntry]:
            stores.players.lock(user_id)
            return append(stores, user_id, [GameEvent.type] * 2)

        return work

    await asyncio.gather(*(storage.write(play(user)) for _ in range(8) for user in users))
    games = await latest_games(storage, 5 * 16)
    for user_id in users:
        assert [entry.seq for user, entry in games if user == user_id] == list(range(1, 17))


async def test_a_journal_poll_finds_what_moved_since_the_last(storage: Storage) -> None:
    """All heads and games that the snapshot of that xmin did not show are returned."""
    idle, first, second = [await storage.new_player() for _ in range(3)]
    await storage.write(appending(idle, GameEvent.type))
    snapshot_xmin = await storage.read(lambda stores: stores.journal.snapshot_xmin())
    for user_id in (first, second, first):
        await storage.write(appending(user_id, BalanceUpdate.type, GameEvent.type))
    heads = await storage.read(lambda stores: stores.journal.moved_since(snapshot_xmin))
    games = await storage.read(lambda stores: stores.journal.games_since(snapshot_xmin))
    assert {head.user_id: head.seq for head in heads} == {first: 4, second: 2}
    assert [game.key for game in games] == [(first, 2), (second, 2), (first, 4)]
    later = await storage.read(lambda stores: stores.journal.snapshot_xmin())
    assert await storage.read(lambda stores: stores.journal.moved_since(later)) == []
    assert await storage.read(lambda stores: stores.journal.games_since(later)) == []


async def test_journal_polls_miss_nothing_that_commits_meanwhile(storage: Storage) -> None:
    """Polls that overlap with commits find each game in one poll or the next."""
    users = [await storage.new_player() for _ in range(4)]
    snapshot_xmin = await storage.read(lambda stores: stores.journal.snapshot_xmin())
    found: set[tuple[int, int]] = set()

    async def play(user_id: int) -> None:
        for _ in range(15):
            await storage.write(appending(user_id, GameEvent.type))

    def poll(since: int) -> Work[tuple[int, list[JournaledGame]]]:
        return lambda stores: (stores.journal.snapshot_xmin(), stores.journal.games_since(since))

    playing = asyncio.gather(*map(play, users))
    while not playing.done():
        snapshot_xmin, games = await storage.read(poll(snapshot_xmin))
        found |= {game.key for game in games}
        await asyncio.sleep(0)
    _, games = await storage.read(poll(snapshot_xmin))
    found |= {game.key for game in games}
    assert found == {(user_id, seq) for user_id in users for seq in range(1, 16)}


@pytest.mark.parametrize(
    ("keep", "aged", "limit", "trimmed_through"),
    [
        pytest.param(4, 0, 100, 6, id="too many"),
        pytest.param(100, 3, 100, 3, id="too old"),
        pytest.param(8, 5, 100, 5, id="both"),
        pytest.param(100, 0, 100, 0, id="neither"),
        pytest.param(1, 10, 4, 4, id="a step"),
    ],
)
async def test_trimming_forgets_the_first_entries(
    storage: Storage, keep: int, aged: int, limit: int, trimmed_through: int
) -> None:
    """`trimmed_through` moves with them, other users' journals stay, and numbering goes on."""
    user_id, other = await storage.new_player(), await storage.new_player()
    for n in range(10):
        at = NOW - timedelta(days=2) if n < aged else NOW
        await storage.write(appending(user_id, "x", at=at))
    await storage.write(appending(other, "x", at=NOW - timedelta(days=2)))
    before = NOW - timedelta(days=1)

    def trim(stores: Stores) -> int:
        return stores.journal.trim(user_id, before=before, keep=keep, limit=limit)

    assert await storage.write(trim) == trimmed_through
    head = await storage.read(lambda stores: stores.journal.head(user_id))
    assert (head.trimmed_through, head.seq) == (trimmed_through, 10)
    left = await storage.read(page_of(user_id, 0, 2**20))
    assert [entry.seq for entry in left] == list(range(trimmed_through + 1, 11))
    assert len(await storage.read(page_of(other, 0, 2**20))) == 1
    assert [entry.seq for entry in await storage.write(appending(user_id, "x"))] == [11]


async def test_users_with_old_entries_are_found(storage: Storage) -> None:
    """Each user is returned once, the one with the oldest entries first."""
    users = [await storage.new_player() for _ in range(3)]
    for days, user_id in ((900, users[1]), (1000, users[0]), (900, users[1])):
        await storage.write(appending(user_id, "x", at=NOW - timedelta(days=days)))
    await storage.write(appending(users[2], "x", at=NOW))
    before = NOW - timedelta(days=800)
    assert await storage.read(
        lambda stores: stores.journal.users_with_entries_before(before, 100)
    ) == [users[0], users[1]]


async def test_a_renewed_journal_has_another_identity(storage: Storage) -> None:
    """Its entries stay, and journal polls continue."""
    user_id = await storage.new_player()
    before = await storage.write(appending(user_id, GameEvent.type, "x"))
    old = await storage.read(lambda stores: stores.journal.epoch())
    await storage.write(lambda stores: stores.journal.renew(f"not-{old}"))
    assert await storage.read(lambda stores: stores.journal.epoch()) == f"not-{old}"
    assert await storage.read(page_of(user_id)) == before
    snapshot_xmin = await storage.read(lambda stores: stores.journal.snapshot_xmin())
    await storage.write(appending(user_id, GameEvent.type))
    games = await storage.read(lambda stores: stores.journal.games_since(snapshot_xmin))
    assert [game.key for game in games] == [(user_id, 3)]
    await storage.write(lambda stores: stores.journal.renew(old))


def games_of(user_id: int, before: int | None, limit: int) -> Work[list[JournalEntry]]:
    return lambda stores: stores.journal.games_of(user_id, before, limit)


async def test_the_games_of_a_user_newest_first(storage: Storage) -> None:
    """Other events and other users' games are left out; `before` and `limit` page."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    types = (GameEvent.type, BalanceUpdate.type, GameEvent.type, GameEvent.type)
    entries = await storage.write(appending(user_id, *types))
    await storage.write(appending(other_id, GameEvent.type))
    first, _, second, third = entries
    assert await storage.read(games_of(user_id, None, 10)) == [third, second, first]
    assert await storage.read(games_of(user_id, None, 2)) == [third, second]
    assert await storage.read(games_of(user_id, second.seq, 10)) == [first]
    assert await storage.read(games_of(user_id, first.seq, 10)) == []
