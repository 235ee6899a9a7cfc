"""Passwords: a hash fits its password only, nothing shows which accounts exist, and hashing does
not block the event loop."""

import asyncio
import os
import threading
import unicodedata
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher

from adapters.outbound.security.argon2_passwords import Argon2Passwords
from adapters.outbound.security.hash_queue import NICENESS, HashQueue, QueueLimits
from application.ports.passwords import Passwords
from application.ports.telemetry import Measured
from domain.errors import Overloaded
from tests.support.eventually import eventually
from tests.support.gated_hasher import GatedHasher
from tests.support.recording_telemetry import RecordingTelemetry


def argon2(hasher: PasswordHasher | None = None, **limits: int) -> Argon2Passwords:
    return Argon2Passwords(HashQueue(QueueLimits(**limits), RecordingTelemetry()), hasher)


async def until(condition: Callable[[], bool]) -> None:
    async def holds() -> bool:
        return condition()

    await eventually(holds)


@pytest.fixture(params=[argon2], ids=["argon2"])
def passwords(request: pytest.FixtureRequest) -> Passwords:
    made: Passwords = request.param()
    return made


@pytest.mark.parametrize("password", ["correct horse", "ünïcødé 玩家 🎰", " ", "x" * 128])
async def test_a_hash_fits_its_password(passwords: Passwords, password: str) -> None:
    """No other password fits the hash."""
    hashed = await passwords.hash(password)
    assert await passwords.verify(password, hashed)
    assert not await passwords.verify(password + "x", hashed)
    assert not await passwords.verify(password.upper() + " ", hashed)


async def test_a_hash_is_salted(passwords: Passwords) -> None:
    """Two hashes of the same password differ and do not contain it."""
    one, other = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert one != other
    assert "correct" not in one + other


async def test_a_hash_of_another_process_fits(passwords: Passwords) -> None:
    """A hash made elsewhere with other argon2id parameters is verified, because it contains
    them."""
    elsewhere = "$argon2id$v=19$m=8,t=1,p=1$"
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    assert cheap.startswith(elsewhere)
    assert await passwords.verify("correct horse", cheap)


@pytest.mark.parametrize("garbage", ["", "plain text", "$argon2id$", "$argon2id$v=19$m=8$x$y"])
async def test_a_hash_that_is_none_fits_nothing(passwords: Passwords, garbage: str) -> None:
    """Invalid hashes fit no password and raise nothing."""
    assert not await passwords.verify("plain text", garbage)


async def test_no_account_fits_nothing(passwords: Passwords) -> None:
    """Without a hash, no password fits, not even the one hashed as a stand-in."""
    assert not await passwords.verify("correct horse", None)
    assert not await passwords.verify("nobody's password", None)
    assert not await passwords.verify("", None)


@pytest.mark.parametrize("password", ["wrong", "u\u0308n\u00efcode"], ids=["plain", "decomposed"])
async def test_no_account_takes_as_many_computations_as_a_wrong_password(password: str) -> None:
    """The response time must not show which accounts exist, not even that of the first sign-in
    after the start. The stand-in has the parameters of a real hash."""
    first, later = GatedHasher(), GatedHasher()
    assert not await argon2(first).verify(password, None)
    assert not await argon2(later).verify(password, PasswordHasher(1, 8, 1).hash("correct horse"))
    assert first.verified == later.verified
    assert first.hashed == later.hashed == []
    real = PasswordHasher()
    stand_in = argon2(real)._decoy
    assert not real.check_needs_rehash(stand_in)
    assert len(stand_in) == len(real.hash("correct horse"))


async def test_forms_of_a_password_are_the_same(passwords: Passwords) -> None:
    """A device may send a letter and its accent as one character or as two."""
    composed, decomposed = (
        unicodedata.normalize(form, "p\u00e4ssw\u00f6rd") for form in ("NFC", "NFD")
    )
    assert composed != decomposed
    assert await passwords.verify(composed, await passwords.hash(decomposed))
    assert await passwords.verify(decomposed, await passwords.hash(composed))


async def test_a_hash_of_a_form_that_was_not_normalized_fits(passwords: Passwords) -> None:
    """Accounts from before normalization go on working."""
    decomposed = "pa\u0308ssword"
    before = PasswordHasher(1, 8, 1).hash(decomposed)
    assert await passwords.verify(decomposed, before)


async def test_outdated_hashes_are_noticed(passwords: Passwords) -> None:
    """A hash of other parameters is outdated."""
    assert passwords.is_outdated(PasswordHasher(1, 8, 1).hash("correct horse"))
    assert not passwords.is_outdated(await passwords.hash("correct horse"))


async def test_the_loop_goes_on_and_hashes_are_bounded() -> None:
    """No more hashes are computed at a time than configured; the others wait, and all are timed."""
    hasher, telemetry = GatedHasher(), RecordingTelemetry()
    passwords = Argon2Passwords(HashQueue(QueueLimits(concurrent=2), telemetry), hasher)
    hasher.gate.clear()
    hashing = asyncio.gather(*(passwords.hash("correct horse") for _ in range(5)))
    await until(lambda: hasher.operations == 2)
    assert (hasher.operations, passwords.waiting()) == (2, 3)
    hasher.gate.set()
    assert len(set(await hashing)) == 5
    assert telemetry.observed[Measured.PASSWORD_HASH_SECONDS] == 5


async def test_a_call_that_ends_while_it_waits_is_not_computed() -> None:
    """A cancelled call leaves the queue; one that is cancelled while its hash is computed keeps its
    slot until the thread has finished."""
    hasher = GatedHasher()
    passwords = argon2(hasher, concurrent=1)
    hasher.gate.clear()
    running, waiting = (asyncio.create_task(passwords.hash(word)) for word in ("one", "two"))
    await until(lambda: hasher.operations == 1)
    for task in (running, waiting):
        task.cancel()
    await asyncio.wait({running, waiting})
    assert passwords.waiting() == 0
    third = asyncio.create_task(passwords.hash("three"))
    await asyncio.sleep(0)
    assert passwords.waiting() == 1
    hasher.gate.set()
    assert await third
    assert hasher.hashed == ["one", "three"]


async def test_addresses_take_turns() -> None:
    """The one who comes last from an address of his own is served second."""
    hasher = GatedHasher()
    passwords = argon2(hasher, concurrent=1)
    hasher.gate.clear()
    greedy = [asyncio.create_task(passwords.hash(f"greedy-{n}", "10.0.0.1")) for n in range(5)]
    await until(lambda: passwords.waiting() == 4)
    modest = asyncio.create_task(passwords.hash("modest", "10.0.0.2"))
    await asyncio.sleep(0)
    hasher.gate.set()
    await asyncio.gather(modest, *greedy)
    assert hasher.hashed.index("modest") == 2


async def test_one_address_cannot_push_others_out() -> None:
    """With the queue full, an address is refused that would have the most waiting calls."""
    hasher = GatedHasher()
    passwords = argon2(hasher, concurrent=1, waiting=3)
    hasher.gate.clear()
    calls = [
        asyncio.create_task(passwords.hash(f"{number}", f"10.0.0.{number}")) for number in range(4)
    ]
    await until(lambda: passwords.waiting() == 3)
    with pytest.raises(Overloaded) as refused:
        await passwords.hash("more", "10.0.0.1")
    assert refused.value.error_code == "sign_in_busy"
    assert refused.value.retry_after_s >= 1
    hasher.gate.set()
    await asyncio.gather(*calls)


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="priorities of threads are Linux'")
async def test_the_threads_give_way() -> None:
    """On Linux they have a lower priority than the event loop."""
    queue = HashQueue(QueueLimits(concurrent=1), RecordingTelemetry())

    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert await queue.run("", niceness) == min(19, niceness() + NICENESS)
