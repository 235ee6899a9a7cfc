"""Crash: the crash point, the climb, bets and cash-outs."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Conflict, InvalidInput
from domain.games.crash import (
    MAX_MULTIPLIER,
    CrashRound,
    RoundStatus,
    bet,
    cash_out,
    draw_crash_point,
    multiplier_after,
)
from tests.support.fakes import ScriptedRandomness

RANGE = 2**52
NOW = 1_700_000_000_000
TO_TWO = 11_553
"""Milliseconds until the multiplier is 2.00."""

DRAWS = st.integers(0, RANGE - 1)
CRASH_POINTS = st.integers(100, 2_000) | st.integers(100, MAX_MULTIPLIER)
BETS = st.integers(1, 10_000)
DAY_MS = 86_400_000


def opened_round(crash_point: int = 250, amount: int = 40) -> CrashRound:
    return CrashRound(round_id="r1", bet=amount, crash_point=crash_point, started_at=NOW)


@pytest.mark.parametrize(
    ("drawn", "crash_point"),
    [
        pytest.param(0, 100, id="the least crashes at once"),
        pytest.param(RANGE * 3 // 100, 100, id="the lowest 3 % crash at once"),
        pytest.param(RANGE // 2, 194, id="half of the range"),
        pytest.param(RANGE - RANGE // 4, 388, id="three quarters"),
        pytest.param(RANGE - 97 * RANGE // 1_000_000, 1_000_000, id="the highest but uncapped"),
        pytest.param(RANGE - 97 * RANGE // 1_000_000 - 1, 999_999, id="just below the highest"),
        pytest.param(RANGE - 1, 1_000_000, id="the highest is capped"),
    ],
)
def test_the_draw_decides_on_the_crash_point(drawn: int, crash_point: int) -> None:
    """0.97 / (1 - u) for a uniform u, in hundredths, from 1.00 to 10,000.00."""
    assert crash_point == draw_crash_point(ScriptedRandomness(drawn))


@given(DRAWS, DRAWS)
def test_a_higher_draw_never_crashes_earlier(one: int, other: int) -> None:
    """So chances can be counted by the draw at which the crash point passes a multiplier."""
    low, high = sorted((one, other))
    earlier = draw_crash_point(ScriptedRandomness(low))
    assert 100 <= earlier <= draw_crash_point(ScriptedRandomness(high)) <= MAX_MULTIPLIER


@pytest.mark.parametrize(
    ("elapsed_ms", "multiplier"),
    [
        pytest.param(-5_000, 100, id="before the start"),
        pytest.param(0, 100, id="at the start"),
        pytest.param(165, 100, id="just below 1.01"),
        pytest.param(166, 101, id="1.01"),
        pytest.param(TO_TWO - 1, 199, id="just below 2.00"),
        pytest.param(TO_TWO, 200, id="2.00"),
        pytest.param(2 * TO_TWO, 400, id="doubled again"),
        pytest.param(153_505, 999_959, id="just below the highest"),
        pytest.param(153_506, 1_000_000, id="the highest"),
        pytest.param(DAY_MS, 1_000_000, id="a day later"),
        pytest.param(10**15, 1_000_000, id="when no float could hold it"),
    ],
)
def test_the_multiplier_grows_exponentially(elapsed_ms: int, multiplier: int) -> None:
    """Doubled about every 11.6 seconds, between 1.00 and 10,000.00."""
    assert multiplier == multiplier_after(elapsed_ms)


@given(st.integers(-DAY_MS, DAY_MS), st.integers(-DAY_MS, DAY_MS) | st.integers(0, 160_000))
def test_the_multiplier_never_falls(one: int, other: int) -> None:
    """A later moment has the same multiplier or a higher one."""
    earlier, later = sorted((one, other))
    assert 100 <= multiplier_after(earlier) <= multiplier_after(later) <= MAX_MULTIPLIER


@given(CRASH_POINTS)
def test_a_round_crashes_when_the_multiplier_reaches_its_point(crash_point: int) -> None:
    """`crashes_at` is the first millisecond at which the climb has come that far."""
    opened = opened_round(crash_point)
    flight = opened.crashes_at - opened.started_at
    assert multiplier_after(flight - 1) <= crash_point <= multiplier_after(flight)


def test_a_bet_opens_a_round() -> None:
    """Without an automatic cash-out nothing is settled."""
    expected = CrashRound(
        round_id="r7",
        bet=25,
        crash_point=194,
        started_at=NOW,
        auto_cashout=None,
        status=RoundStatus.OPEN,
        cashout=None,
        win=0,
    )
    drawn = ScriptedRandomness(RANGE // 2)
    assert expected == bet(25, None, round_id="r7", now_ms=NOW, randomness=drawn)


@pytest.mark.parametrize(
    ("auto_cashout", "status", "cashout", "win"),
    [
        pytest.param(101, RoundStatus.WON, 101, 25, id="the lowest, rounded down"),
        pytest.param(150, RoundStatus.WON, 150, 37, id="below the crash point"),
        pytest.param(194, RoundStatus.WON, 194, 48, id="at the crash point"),
        pytest.param(195, RoundStatus.LOST, None, 0, id="just above"),
        pytest.param(1_000_000, RoundStatus.LOST, None, 0, id="the highest"),
    ],
)
def test_an_automatic_cash_out_is_settled_at_once(
    auto_cashout: int, status: RoundStatus, cashout: int | None, win: int
) -> None:
    """It wins up to the crash point, here 1.94."""
    drawn = ScriptedRandomness(RANGE // 2)
    settled = bet(25, auto_cashout, round_id="r7", now_ms=NOW, randomness=drawn)
    assert (status, cashout, win) == (settled.status, settled.cashout, settled.win)
    assert (25, 194, auto_cashout) == (settled.bet, settled.crash_point, settled.auto_cashout)


def test_the_highest_multiplier_can_be_won() -> None:
    """The largest pay-out there is: 10,000 times 10,000 gold."""
    drawn = ScriptedRandomness(RANGE - 1)
    settled = bet(10_000, 1_000_000, round_id="r7", now_ms=NOW, randomness=drawn)
    assert settled.win == 100_000_000


@pytest.mark.parametrize("auto_cashout", [-1, 0, 100, 1_000_001])
def test_an_automatic_cash_out_outside_its_limits_is_refused(auto_cashout: int) -> None:
    """Nothing is drawn, and the message has the limits as multipliers."""
    with pytest.raises(InvalidInput, match=r"between 1\.01 and 10000\.00") as refused:
        bet(25, auto_cashout, round_id="r7", now_ms=NOW, randomness=ScriptedRandomness())
    assert refused.value.field == "auto_cashout_multiplier"


@pytest.mark.parametrize("amount", [-1, 0, 10_001])
def test_a_bet_outside_the_limits_is_refused_before_the_draw(amount: int) -> None:
    """Nothing is drawn for a bet that cannot be made."""
    with pytest.raises(InvalidInput, match="between 1 and 10000") as refused:
        bet(amount, None, round_id="r7", now_ms=NOW, randomness=ScriptedRandomness())
    assert refused.value.field == "bet_amount"


def test_cashing_out_wins_the_multiplier_of_the_moment() -> None:
    """40 gold at 2.00 are 80; the rest of the round stays as it was."""
    opened = opened_round()
    expected = evolve(opened, status=RoundStatus.WON, cashout=200, win=80)
    assert expected == cash_out(opened, NOW + TO_TWO)


def test_a_win_is_rounded_down_to_whole_gold() -> None:
    """3 gold at 1.99 are 5.97, so 5."""
    assert cash_out(opened_round(amount=3), NOW + TO_TWO - 1).win == 5


@pytest.mark.parametrize(
    ("delay_ms", "status"), [(-1, RoundStatus.WON), (0, RoundStatus.LOST), (1, RoundStatus.LOST)]
)
def test_a_cash_out_must_come_before_the_crash(delay_ms: int, status: RoundStatus) -> None:
    """The millisecond of the crash itself is too late."""
    opened = opened_round()
    assert status is cash_out(opened, opened.crashes_at + delay_ms).status


def test_a_round_that_crashes_at_once_cannot_be_won() -> None:
    """At 1.00 the crash comes with the start."""
    opened = opened_round(crash_point=100)
    assert evolve(opened, status=RoundStatus.LOST) == cash_out(opened, NOW)


@given(st.data(), CRASH_POINTS.filter(lambda point: point > 100), BETS)
def test_cashing_out_in_time_wins_up_to_the_crash_point(
    data: st.DataObject, crash_point: int, amount: int
) -> None:
    """At every moment before the crash, the win is at least the stake."""
    opened = opened_round(crash_point, amount)
    last = opened.crashes_at - 1
    settled = cash_out(opened, data.draw(st.just(last) | st.integers(NOW, last)))
    assert settled.status is RoundStatus.WON
    assert settled.cashout is not None
    assert 100 <= settled.cashout <= crash_point
    assert amount <= settled.win == amount * settled.cashout // 100


@given(st.integers(-DAY_MS, DAY_MS), BETS)
def test_the_elapsed_time_decides_on_the_multiplier(elapsed_ms: int, amount: int) -> None:
    """Also if the clock of the node is behind that of the node which took the bet."""
    settled = cash_out(opened_round(MAX_MULTIPLIER, amount), NOW + elapsed_ms)
    assert settled.win <= amount * multiplier_after(elapsed_ms) // 100


@given(CRASH_POINTS, BETS, st.integers(0, DAY_MS))
def test_cashing_out_late_loses(crash_point: int, amount: int, late_ms: int) -> None:
    """After the crash nothing is paid."""
    opened = opened_round(crash_point, amount)
    expected = evolve(opened, status=RoundStatus.LOST, cashout=None, win=0)
    assert expected == cash_out(opened, opened.crashes_at + late_ms)


@pytest.mark.parametrize(
    "settled_at", [pytest.param(NOW + 1_000, id="won"), pytest.param(NOW + DAY_MS, id="lost")]
)
def test_a_round_is_settled_once(settled_at: int) -> None:
    """Neither a won nor a lost round can be cashed out again."""
    settled = cash_out(opened_round(), settled_at)
    with pytest.raises(Conflict) as refused:
        cash_out(settled, NOW + 1_000)
    assert refused.value.error_code == "round_settled"
