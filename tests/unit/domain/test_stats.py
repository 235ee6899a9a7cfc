"""Statistics and achievements of one game."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import AchievementProgress, GameTotals, GameType
from domain.progress.stats import GameStats, achievements, achievements_at

GOLD = st.integers(0, 20_000)


def test_a_play_counts_before_it_is_settled() -> None:
    """The bet is wagered at once; a win may follow later, as in crash."""
    stats = GameStats(game_type=GameType.CRASH, plays=3, wagered=50).played(20)
    assert GameStats(game_type=GameType.CRASH, plays=4, wagered=70) == stats


@pytest.mark.parametrize(
    ("win", "wins", "won", "biggest_win"),
    [
        pytest.param(0, 5, 300, 90, id="lost"),
        pytest.param(15, 5, 315, 90, id="less than the bet"),
        pytest.param(20, 5, 320, 90, id="the bet back"),
        pytest.param(21, 6, 321, 90, id="a profit"),
        pytest.param(90, 6, 390, 90, id="as much as ever"),
        pytest.param(91, 6, 391, 91, id="more than ever"),
    ],
)
def test_a_settled_play_adds_what_was_won(win: int, wins: int, won: int, biggest_win: int) -> None:
    """Only a profit counts as a win."""
    before = GameStats(
        game_type=GameType.RPS, plays=9, wins=5, wagered=400, won=300, biggest_win=90
    )
    expected = GameStats(
        game_type=GameType.RPS,
        plays=9,
        wins=wins,
        wagered=400,
        won=won,
        biggest_win=biggest_win,
    )
    assert expected == before.settled(20, win)


def test_totals_are_the_numbers_by_name() -> None:
    """The game's name is not among them."""
    stats = GameStats(game_type=GameType.SLOT, plays=9, wins=5, wagered=40, won=30, biggest_win=8)
    expected = GameTotals(plays=9, wins=5, wagered=40, won=30, biggest_win=8)
    assert expected == stats.totals()


@given(st.lists(st.tuples(GOLD, GOLD)))
def test_totals_sum_up_all_plays(plays: list[tuple[int, int]]) -> None:
    """The order of wins and losses does not matter."""
    stats = GameStats(game_type=GameType.SLOT)
    for bet, win in plays:
        stats = stats.played(bet).settled(bet, win)
    expected = GameTotals(
        plays=len(plays),
        wins=sum(win > bet for bet, win in plays),
        wagered=sum(bet for bet, _ in plays),
        won=sum(win for _, win in plays),
        biggest_win=max((win for _, win in plays), default=0),
    )
    assert expected == stats.totals()


@pytest.mark.parametrize(
    ("plays", "announced"),
    [
        pytest.param(1, [], id="1"),
        pytest.param(2, [], id="2"),
        pytest.param(3, ["slot_novice 3/10"], id="3"),
        pytest.param(8, ["slot_novice 8/10"], id="8"),
        pytest.param(10, ["slot_novice 10/10 unlocked"], id="10"),
        pytest.param(11, [], id="11"),
        pytest.param(100, ["slot_veteran 100/100 unlocked"], id="100"),
        pytest.param(250, ["slot_master 250/1000"], id="250"),
        pytest.param(1_000, ["slot_master 1000/1000 unlocked"], id="1000"),
        pytest.param(1_001, [], id="1001"),
    ],
)
def test_achievements_announced_after_a_play(plays: int, announced: list[str]) -> None:
    """Each quarter and the end are announced, and nothing beyond it."""
    progress = achievements_at(GameStats(game_type=GameType.SLOT, plays=plays))
    assert announced == [
        f"{p.achievement_id} {p.progress}/{p.target}{' unlocked' if p.unlocked else ''}"
        for p in progress
    ]
    assert all(p.achievement_type == "plays" for p in progress)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("novice", [3, 5, 8, 10]),
        ("veteran", [25, 50, 75, 100]),
        ("master", [250, 500, 750, 1_000]),
    ],
)
def test_each_achievement_is_announced_four_times(name: str, at: list[int]) -> None:
    """Once a quarter, rounded up to whole plays, over a long career."""
    career = [
        progress
        for plays in range(1, 1_500)
        for progress in achievements_at(GameStats(game_type=GameType.GACHA, plays=plays))
        if progress.achievement_id == f"gacha_{name}"
    ]
    assert at == [progress.progress for progress in career]
    assert [progress.unlocked for progress in career] == [False, False, False, True]


def test_an_announcement_is_a_finished_event() -> None:
    """It is an AchievementProgress event."""
    expected = AchievementProgress(
        achievement_id="rps_veteran",
        achievement_type="plays",
        progress=75,
        target=100,
        unlocked=False,
    )
    assert [expected] == achievements_at(GameStats(game_type=GameType.RPS, plays=75))


@pytest.mark.parametrize(
    ("plays", "progress"),
    [
        (0, ["novice 0", "veteran 0", "master 0"]),
        (9, ["novice 9", "veteran 9", "master 9"]),
        (100, ["novice 10 unlocked", "veteran 100 unlocked", "master 100"]),
        (1_001, ["novice 10 unlocked", "veteran 100 unlocked", "master 1000 unlocked"]),
    ],
)
def test_the_progress_of_all_achievements(plays: int, progress: list[str]) -> None:
    """It is exact between announcements, and stays at the target."""
    stats = GameStats(game_type=GameType.SLOT, plays=plays)
    assert progress == [
        f"{p.achievement_id[5:]} {p.progress}{' unlocked' if p.unlocked else ''}"
        for p in achievements(stats)
    ]
