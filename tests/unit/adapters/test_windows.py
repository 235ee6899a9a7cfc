"""Sliding windows, against an exact count of what was let through."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.rate_limits.windows import Windows
from application.ports.rate_limiter import RateLimit

LIMIT = RateLimit(name="calls", amount=5, window_s=10, code="too_many_requests")
START = 1_000_000.0


def windows(max_keys: int = 100) -> Windows:
    return Windows(LIMIT, max_keys, sharing_from=1)


@given(st.lists(st.floats(0, 8), max_size=60))
def test_what_is_let_through(pauses: list[float]) -> None:
    """Never more than the limit in a window of its own, nor twice as much in any other; and after
    the wait that a refusal names, one more is let through."""
    counted, now, passed = windows(), START, []
    for pause in pauses:
        now += pause
        wait_s = counted.spend("a", 1, now)
        if not wait_s:
            passed.append(now)
        else:
            later = windows()
            for at in passed:
                later.spend("a", 1, at)
            assert later.spend("a", 1, now + wait_s + 0.001) == 0
    for first in passed:
        assert sum(first <= at < first + LIMIT.window_s for at in passed) <= 2 * LIMIT.amount
        own = first // LIMIT.window_s
        assert sum(at // LIMIT.window_s == own for at in passed) <= LIMIT.amount


@given(st.lists(st.integers(0, 30), max_size=200))
def test_memory_is_bounded(keys: list[int]) -> None:
    """By the number of keys in a window."""
    counted = windows(max_keys=8)
    for key in keys:
        counted.spend(f"key {key}", 1, START)
        assert len(counted.current) <= 8


def test_more_than_the_limit_is_never_let_through() -> None:
    """An amount that no window has room for."""
    counted = windows()
    assert counted.spend("a", 6, START) > 0
    assert counted.spend("a", 5, START) == 0


def test_a_clock_that_goes_back_forgets() -> None:
    """It begins a window like any other."""
    counted = windows()
    counted.spend("a", 5, START)
    assert counted.spend("a", 5, START - 100) == 0
