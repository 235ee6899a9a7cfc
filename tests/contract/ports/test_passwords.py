"""Passwords: a hash fits its password only, and hashing does not block the event loop."""

import asyncio
import time

import pytest
from argon2 import PasswordHasher

from adapters.outbound.security.argon2_passwords import CONCURRENT_HASHES, Argon2Passwords
from application.ports.passwords import Passwords


@pytest.fixture(params=[Argon2Passwords], ids=["argon2"])
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


async def test_no_account_costs_as_much_as_a_wrong_password(passwords: Passwords) -> None:
    """The response time must not show which accounts exist. Compared is processor time, which other
    load on the machine hardly changes."""
    hashed = await passwords.hash("correct horse")
    await passwords.verify("wrong", None)

    async def least_cost(password_hash: str | None) -> float:
        costs = []
        for _ in range(5):
            begun = time.process_time()
            await passwords.verify("wrong", password_hash)
            costs.append(time.process_time() - begun)
        return min(costs)

    assert await least_cost(None) > await least_cost(hashed) / 4


async def test_the_loop_goes_on_and_hashes_are_bounded(passwords: Passwords) -> None:
    """Concurrent hashes are limited, and the event loop runs meanwhile."""
    hashing = asyncio.gather(*(passwords.hash("correct horse") for _ in range(4)))
    steps = 0
    while not hashing.done():
        steps += 1
        await asyncio.sleep(0.001)
    assert len(set(await hashing)) == 4
    assert steps > 10
    assert CONCURRENT_HASHES < 4
