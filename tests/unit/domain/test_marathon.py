"""The weekly marathon: plays of a week, announcements, the end."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from domain.events import EventProgress, Progress
from domain.player import Player
from domain.progress.marathon import (
    MAX_BONUS_GOLD,
    TARGET,
    bonus,
    in_week_of,
    played,
    progress,
    progress_to_announce,
    week_of,
)

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
PLAYER = Player(user_id=1, nickname="Nick", gold=5)


def runner(plays: int, week: str = "2024-W10", wagered: int = 0) -> Player:
    return evolve(PLAYER, marathon_week=week, marathon_plays=plays, marathon_wagered=wagered)


@pytest.mark.parametrize(
    ("before", "plays"),
    [
        pytest.param(PLAYER, 1, id="the first play ever"),
        pytest.param(runner(41), 42, id="one more this week"),
        pytest.param(runner(100), 101, id="beyond the target"),
        pytest.param(runner(41, "2024-W09"), 1, id="the first in a new week"),
        pytest.param(runner(41, "2023-W10"), 1, id="the same week of another year"),
    ],
)
def test_plays_count_for_the_week_they_are_made_in(before: Player, plays: int) -> None:
    """A new week starts from nothing; the rest of the player stays."""
    assert runner(plays) == played(before, 0, MONDAY)


@pytest.mark.parametrize(
    ("now", "week"),
    [
        pytest.param(datetime(2024, 3, 3, 23, 59, 59, tzinfo=UTC), "2024-W09", id="Sunday night"),
        pytest.param(MONDAY, "2024-W10", id="Monday midnight"),
        pytest.param(datetime(2021, 1, 3, tzinfo=UTC), "2020-W53", id="January, old year"),
        pytest.param(datetime(2024, 12, 30, tzinfo=UTC), "2025-W01", id="December, new year"),
    ],
)
def test_weeks_are_iso_weeks(now: datetime, week: str) -> None:
    """They begin on Monday, also around the new year."""
    assert week == played(PLAYER, 1, now).marathon_week
    begin, end = week_of(now)
    assert begin <= now < end
    assert week == in_week_of(begin, PLAYER).marathon_week
    assert week != in_week_of(end, PLAYER).marathon_week
    assert week != in_week_of(begin - timedelta(microseconds=1), PLAYER).marathon_week


@pytest.mark.parametrize(
    ("before", "wagered"),
    [
        pytest.param(runner(41, wagered=70), 100, id="one more this week"),
        pytest.param(runner(99, wagered=70), 100, id="the last that counts"),
        pytest.param(runner(100, wagered=70), 70, id="beyond the target"),
        pytest.param(runner(41, "2024-W09", 70), 30, id="the first in a new week"),
    ],
)
def test_the_bets_up_to_the_target_count(before: Player, wagered: int) -> None:
    """Later bets do not raise the bonus, and each week begins with nothing."""
    assert wagered == played(before, 30, MONDAY).marathon_wagered


@pytest.mark.parametrize(
    ("wagered", "gold"),
    [(0, 0), (100, 0), (199, 0), (200, 1), (99_999, 499), (100_000, 500), (10**6, MAX_BONUS_GOLD)],
)
def test_the_bonus_is_half_a_percent_of_the_bets(wagered: int, gold: int) -> None:
    """A hundred bets of one gold bring nothing."""
    assert gold == bonus(runner(TARGET, wagered=wagered))


@pytest.mark.parametrize(
    ("plays", "completed"), [(10, False), (50, False), (90, False), (100, True)]
)
def test_every_tenth_play_is_announced(plays: int, completed: bool) -> None:
    """The hundredth completes the marathon."""
    expected = EventProgress(
        event_id="marathon_2024-W10",
        progress=Progress(current=plays, target=100),
        completed=completed,
    )
    assert expected == progress_to_announce(runner(plays))


@pytest.mark.parametrize("plays", [1, 9, 11, 99, 101, 110, 200])
def test_plays_between_and_beyond_are_not_announced(plays: int) -> None:
    """Nothing is announced after the end."""
    assert progress_to_announce(runner(plays)) is None


@pytest.mark.parametrize(
    ("before", "current", "completed"),
    [
        pytest.param(PLAYER, 0, False, id="nothing played"),
        pytest.param(runner(41), 41, False, id="this week"),
        pytest.param(runner(100), 100, True, id="the target"),
        pytest.param(runner(101), 100, True, id="beyond the target"),
        pytest.param(runner(41, "2024-W09"), 0, False, id="an earlier week"),
    ],
)
def test_the_progress_of_the_present_week(before: Player, current: int, completed: bool) -> None:
    """It is exact between announcements, and stays at the target."""
    expected = EventProgress(
        event_id="marathon_2024-W10",
        progress=Progress(current=current, target=100),
        completed=completed,
    )
    assert expected == progress(in_week_of(MONDAY, before))


def test_a_week_is_completed_once_and_the_next_again() -> None:
    """There is one completion per week, however many plays follow."""
    player, completed = PLAYER, []
    for now in (MONDAY, datetime(2024, 3, 11, tzinfo=UTC)):
        for _ in range(3 * TARGET):
            player = played(player, 1, now)
            announced = progress_to_announce(player)
            if announced and announced.completed:
                completed.append(announced.event_id)
    assert completed == ["marathon_2024-W10", "marathon_2024-W11"]
