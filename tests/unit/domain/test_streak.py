"""The daily streak: claims, missed days, what a day pays."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict
from domain.progress.streak import DAILY_LOGIN, Streak

TODAY = date(2024, 3, 1)
YESTERDAY = date(2024, 2, 29)


def a_streak(last: date | None = YESTERDAY, count: int = 4) -> Streak:
    return Streak(current_count=count, last_action_date=last)


@pytest.mark.parametrize(
    ("last", "count"),
    [
        pytest.param(TODAY, 4, id="claimed today"),
        pytest.param(YESTERDAY, 4, id="claimed yesterday"),
        pytest.param(date(2024, 2, 28), 0, id="a day missed"),
        pytest.param(date(2023, 3, 1), 0, id="a year ago"),
        pytest.param(date(2024, 3, 2), 4, id="claimed tomorrow, on a skewed clock"),
    ],
)
def test_a_streak_counts_until_a_day_is_missed(last: date, count: int) -> None:
    """Today can still be claimed, so it is not missed."""
    assert count == a_streak(last).current_on(TODAY)


def test_no_streak_counts_before_the_first_claim() -> None:
    """A new player has none."""
    assert Streak().current_count == 0
    assert Streak().current_on(TODAY) == 0


@pytest.mark.parametrize(
    ("before", "count"),
    [
        pytest.param(Streak(), 1, id="the first day"),
        pytest.param(a_streak(), 5, id="the day after"),
        pytest.param(a_streak(date(2024, 2, 28)), 1, id="back to one"),
    ],
)
def test_a_claim_counts_the_day(before: Streak, count: int) -> None:
    """One more after yesterday's claim, else one."""
    expected = Streak(action_type=DAILY_LOGIN, current_count=count, last_action_date=TODAY)
    assert expected == before.claimed_on(TODAY)


def test_a_claim_keeps_the_action_type() -> None:
    """A streak of another kind stays of that kind."""
    assert Streak(action_type="other").claimed_on(TODAY).action_type == "other"


@pytest.mark.parametrize("last", [TODAY, date(2024, 3, 2)], ids=["today", "later"])
def test_a_day_is_claimed_once(last: date) -> None:
    """A clock that goes back does not allow a second claim."""
    with pytest.raises(Conflict) as refused:
        a_streak(last).claimed_on(TODAY)
    assert refused.value.error_code == "streak_already_claimed"


@pytest.mark.parametrize(
    ("day", "gold", "exp"), [(1, 1_000, 50), (2, 1_200, 75), (7, 2_200, 200), (30, 6_800, 775)]
)
def test_later_days_pay_more(day: int, gold: int, exp: int) -> None:
    """Day n pays 800 + 200·n gold and 25 + 25·n exp."""
    streak = a_streak(count=day - 1).claimed_on(TODAY)
    assert (gold, exp) == (streak.gold, streak.exp)


@given(st.sets(st.integers(0, 60), min_size=1))
def test_the_count_is_the_run_of_days_up_to_the_last_claim(days: set[int]) -> None:
    """Only consecutive days up to the last claim count."""
    streak = Streak()
    for day in sorted(days):
        streak = streak.claimed_on(TODAY + timedelta(days=day))
    run = next(length for length in range(1, 62) if max(days) - length not in days)
    assert run == streak.current_count
