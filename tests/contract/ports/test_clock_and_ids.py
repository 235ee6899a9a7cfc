"""Clock and Ids, and that the fake clock keeps the contract, too."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from attrs import frozen

from adapters.outbound.system.system_clock import SystemClock
from adapters.outbound.system.system_ids import SystemIds
from application.ports.clock import Clock
from application.ports.ids import Ids
from tests.support.stepping import FakeClock


@frozen
class Timepiece:
    """A clock; `passes` lets some seconds go by, `real` says that it is the machine's."""

    clock: Clock
    passes: Callable[[float], None]
    real: bool


def system_clock() -> Timepiece:
    return Timepiece(SystemClock(), time.sleep, real=True)


def fake_clock() -> Timepiece:
    clock = FakeClock()
    return Timepiece(clock, clock.advance, real=False)


@pytest.fixture(params=[system_clock, fake_clock], ids=["system", "fake"])
def timepiece(request: pytest.FixtureRequest) -> Timepiece:
    made: Timepiece = request.param()
    return made


@pytest.fixture(params=[SystemIds], ids=["system"])
def ids(request: pytest.FixtureRequest) -> Ids:
    made: Ids = request.param()
    return made


def test_now_is_in_utc(timepiece: Timepiece) -> None:
    """The time zone is UTC, and the time is right where the clock is real."""
    now = timepiece.clock.now()
    assert now.tzinfo is not None
    assert now.utcoffset() == timedelta(0)
    if timepiece.real:
        assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_both_times_go_on_together(timepiece: Timepiece) -> None:
    """Both advance by the time that has passed, within the machine's precision."""
    begun = time.monotonic()
    now, seconds = timepiece.clock.now(), timepiece.clock.monotonic()
    timepiece.passes(0.02)
    passed = timepiece.clock.monotonic() - seconds
    assert 0.0199 <= passed <= max(0.0201, time.monotonic() - begun)
    assert timepiece.clock.now() - now >= timedelta(seconds=0.0199)


def test_monotonic_time_never_goes_back(timepiece: Timepiece) -> None:
    """A thousand readings in a row are sorted."""
    readings = [timepiece.clock.monotonic() for _ in range(1_000)]
    assert readings == sorted(readings)


def test_event_ids_are_uuids_of_version_7(ids: Ids) -> None:
    """Version and variant are those of RFC 9562, and the id begins with the time."""
    before = time.time_ns() // 1_000_000
    event_id = ids.event_id()
    after = time.time_ns() // 1_000_000
    assert event_id.version == 7
    assert event_id.variant == "specified in RFC 4122"
    assert before <= event_id.int >> 80 <= after


def test_event_ids_are_unique(ids: Ids) -> None:
    """Ids made by several threads at the same time differ."""
    with ThreadPoolExecutor(4) as threads:
        made = threads.map(lambda _: [ids.event_id() for _ in range(5_000)], range(4))
    assert len({event_id for some in made for event_id in some}) == 20_000


def test_event_ids_sort_by_time(ids: Ids) -> None:
    """Ids sort in the order in which they were made, also as text."""
    made = [ids.event_id() for _ in range(2_000)]
    assert made == sorted(made)
    assert list(map(str, made)) == sorted(map(str, made))


def test_secrets_are_long_url_safe_and_unique(ids: Ids) -> None:
    """A secret has 32 characters of base64url (192 bits), each position takes every character."""
    secrets = [ids.secret() for _ in range(5_000)]
    assert len(set(secrets)) == 5_000
    letters = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert all(len(secret) >= 32 and set(secret) <= letters for secret in secrets)
    assert all({secret[n] for secret in secrets} == letters for n in range(32))
