"""Passwords: a hash fits its password only, and slow as it is, it holds up nobody."""

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
    """And no other one."""
    hashed = await passwords.hash(password)
    assert await passwords.verify(password, hashed)
    assert not await passwords.verify(password + "x", hashed)
    assert not await passwords.verify(password.upper() + " ", hashed)


async def test_a_hash_is_salted(passwords: Passwords) -> None:
    """The same password never has the same hash twice, and cannot be read in it."""
    one, other = await passwords.hash("correct horse"), await passwords.hash("correct horse")
    assert one != other
    assert "correct" not in one + other


async def test_a_hash_of_another_process_fits(passwords: Passwords) -> None:
    """Its parameters are in it: an argon2id hash made elsewhere, with cheaper ones."""
    elsewhere = "$argon2id$v=19$m=8,t=1,p=1$"
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    assert cheap.startswith(elsewhere)
    assert await passwords.verify("correct horse", cheap)


@pytest.mark.parametrize("garbage", ["", "plain text", "$argon2id$", "$argon2id$v=19$m=8$x$y"])
async def test_a_hash_that_is_none_fits_nothing(passwords: Passwords, garbage: str) -> None:
    """It is no error either."""
    assert not await passwords.verify("plain text", garbage)


async def test_no_account_fits_nothing(passwords: Passwords) -> None:
    """Not even the password that stands in for it."""
    assert not await passwords.verify("correct horse", None)
    assert not await passwords.verify("nobody's password", None)
    assert not await passwords.verify("", None)


async def test_no_account_costs_as_much_as_a_wrong_password(passwords: Passwords) -> None:
    """So that the time does not tell who has an account. Without the hash it would cost next to
    nothing; what is compared is processor time, which other work on the machine hardly moves."""
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
    """Many at once take turns; meanwhile other things happen."""
    hashing = asyncio.gather(*(passwords.hash("correct horse") for _ in range(4)))
    steps = 0
    while not hashing.done():
        steps += 1
        await asyncio.sleep(0.001)
    assert len(set(await hashing)) == 4
    assert steps > 10
    assert CONCURRENT_HASHES < 4
