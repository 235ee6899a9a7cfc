"""Delays after failed sign-ins: who is delayed by whose failures."""

import pytest

from adapters.outbound.security.memory_sign_in_failures import MemorySignInFailures
from application.identity.sign_in_throttle import SignInThrottle, ThrottleLimits, network_of
from application.ports.sign_in_failures import Backoff
from application.ports.telemetry import Counted
from domain.errors import Conflict, Overloaded, TooManyRequests, Unauthenticated
from tests.support.recording_telemetry import RecordingTelemetry
from tests.support.stepping import FakeClock

LIMITS = ThrottleLimits(
    pair=Backoff(free=3, first_s=2, limit_s=16, forget_s=60),
    address=Backoff(free=10, first_s=1, limit_s=8, forget_s=60),
    strange=Backoff(free=1, first_s=20, limit_s=60, forget_s=600),
    account=20,
)
HOME, CAFE = "192.0.2.1", "192.0.2.2"


class Stage:
    """A throttle, and what happens at it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.telemetry = RecordingTelemetry()
        self.throttle = SignInThrottle(MemorySignInFailures(self.clock), self.telemetry, LIMITS)

    async def fail(self, site_id: str = "ada", address: str = CAFE) -> None:
        with pytest.raises(Unauthenticated):
            async with self.throttle.attempt(site_id, address):
                raise Unauthenticated("wrong")

    async def succeed(self, site_id: str = "ada", address: str = HOME) -> None:
        async with self.throttle.attempt(site_id, address):
            pass

    async def delay(self, site_id: str = "ada", address: str = CAFE) -> float:
        """How long the next attempt is refused."""
        with pytest.raises(TooManyRequests) as refused:
            await self.succeed(site_id, address)
        assert refused.value.error_code == "sign_in_delayed"
        return refused.value.retry_after_s


@pytest.fixture
def stage() -> Stage:
    return Stage()


async def test_delays_grow_up_to_a_limit(stage: Stage) -> None:
    """Each failure after a delay doubles the next one."""
    for _ in range(3):
        await stage.fail()
    delays = []
    for _ in range(5):
        delays.append(await stage.delay())
        stage.clock.advance(delays[-1])
        await stage.fail()
    assert delays == [2, 4, 8, 16, 16]
    assert stage.telemetry.counts[Counted.REFUSED_SIGN_INS, "delayed_by_account_and_address"] == 5


async def test_failures_elsewhere_do_not_delay_the_owner(stage: Stage) -> None:
    """However many addresses attack an account, its owner signs in at the first attempt, from an
    address that is known and from one that is not."""
    await stage.succeed(address=HOME)
    for number in range(200):
        await stage.fail(address=f"198.51.100.{number}")
    await stage.succeed(address=HOME)
    await stage.succeed(address=CAFE)


async def test_an_account_under_attack_allows_new_addresses_one_attempt(stage: Stage) -> None:
    """A known address keeps its free attempts; a new one has to wait for long after the first."""
    await stage.succeed(address=HOME)
    for number in range(20):
        await stage.fail(address=f"198.51.100.{number}")
    await stage.fail(address=CAFE)
    assert await stage.delay(address=CAFE) == 20
    await stage.fail(address=HOME)
    await stage.fail(address=HOME)
    await stage.succeed(address=HOME)


async def test_many_accounts_from_one_address(stage: Stage) -> None:
    """One password tried on many accounts delays the address for all accounts that are new there.
    A success with an account of one's own clears nothing."""
    for number in range(9):
        await stage.fail(f"player-{number}")
    await stage.succeed("mine", CAFE)
    assert await stage.delay("player-9") == 1
    stage.clock.advance(1)
    await stage.fail("player-9")
    assert await stage.delay("player-10") == 1
    await stage.succeed("mine", CAFE)
    assert await stage.delay("player-10") == 1
    await stage.succeed("player-10", HOME)


async def test_a_success_clears_the_pair(stage: Stage) -> None:
    """The free attempts begin anew, and the case of the site id does not matter."""
    for _ in range(2):
        await stage.fail("ADA", HOME)
    await stage.succeed("ada", HOME)
    for _ in range(3):
        await stage.fail("Ada", HOME)
    assert await stage.delay("ada", HOME) == 2


async def test_what_was_not_decided_does_not_count(stage: Stage) -> None:
    """A full queue and a client that has gone are no failures."""
    for _ in range(10):
        with pytest.raises(Overloaded):
            async with stage.throttle.attempt("ada", CAFE):
                raise Overloaded("busy", code="sign_in_busy", retry_after_s=1)
    await stage.succeed("ada", CAFE)


async def test_failures_are_forgotten(stage: Stage) -> None:
    """An hour later, say, all is as before."""
    for _ in range(3):
        await stage.fail()
    stage.clock.advance(60)
    await stage.fail()
    await stage.fail()
    await stage.succeed(address=CAFE)


async def test_taken_names_delay_the_address(stage: Stage) -> None:
    """Who tries many site ids at sign-up is delayed; opening accounts does not count."""
    for _ in range(20):
        async with stage.throttle.sign_up(CAFE):
            pass
    for _ in range(10):
        with pytest.raises(Conflict):
            async with stage.throttle.sign_up(CAFE):
                raise Conflict("taken")
    with pytest.raises(TooManyRequests):
        async with stage.throttle.sign_up(CAFE):
            pass


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_addresses_of_one_customer_count_as_one(address: str, network: str) -> None:
    """Whoever has an IPv6 network has 2^64 addresses in it."""
    assert network_of(address) == network
