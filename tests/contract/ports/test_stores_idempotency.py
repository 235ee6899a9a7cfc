"""IdempotencyStore."""

import asyncio
from datetime import timedelta

from application.ports.storage.idempotency import StoredResult
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import Work
from tests.support.storage import NOW, Storage


async def test_a_stored_result_is_found_by_user_and_key(storage: Storage) -> None:
    """The result is equal byte for byte; the same key of another user is another key."""
    user_id, other_id = await storage.new_player(), await storage.new_player()
    mine = StoredResult("fingerprint", bytes(range(256)))
    foreign = StoredResult("other", b"{}")
    await storage.write(lambda stores: stores.idempotency.save(user_id, "key", mine, NOW))
    await storage.write(lambda stores: stores.idempotency.save(other_id, "key", foreign, NOW))
    assert await storage.read(lambda stores: stores.idempotency.find(user_id, "key")) == mine
    assert await storage.read(lambda stores: stores.idempotency.find(other_id, "key")) == foreign
    assert await storage.read(lambda stores: stores.idempotency.find(user_id, "KEY")) is None


async def test_repeats_at_once_have_one_first_result(storage: Storage) -> None:
    """Under the player's lock one request finds the key unused; the others find its result."""
    user_id = await storage.new_player()

    def attempt(n: int) -> StoredResult:
        return StoredResult("fingerprint", b"%d" % n)

    def trying(n: int) -> Work[StoredResult]:
        def work(stores: Stores) -> StoredResult:
            stores.players.lock(user_id)
            found = stores.idempotency.find(user_id, "once")
            if found is None:
                stores.idempotency.save(user_id, "once", attempt(n), NOW)
            return found or attempt(n)

        return work

    answers = await asyncio.gather(*(storage.write(trying(n)) for n in range(20)))
    assert len(set(answers)) == 1
    assert await storage.read(lambda s: s.idempotency.find(user_id, "once")) == answers[0]


async def test_old_results_are_forgotten(storage: Storage) -> None:
    """The oldest results before a moment are deleted, a limited number per call."""
    user_id = await storage.new_player()
    stored = StoredResult("fingerprint", b"{}")

    def saving(day: int) -> Work[None]:
        at = NOW - timedelta(days=1000 - day)
        return lambda stores: stores.idempotency.save(user_id, f"{day}", stored, at)

    def finding(day: int) -> Work[StoredResult | None]:
        return lambda stores: stores.idempotency.find(user_id, f"{day}")

    for day in range(6):
        await storage.write(saving(day))
    before = NOW - timedelta(days=996)

    def forget(stores: Stores) -> int:
        return stores.idempotency.delete_before(before, 3)

    assert [await storage.write(forget) for _ in range(3)] == [3, 1, 0]
    for day in range(6):
        found = await storage.read(finding(day))
        assert (found is None) == (day < 4)
