"""Crash: a multiplier grows from 1.00 until it crashes; cash out before it does.

The crash point is drawn when the bet is placed: P(crash point >= m) = 0.97 / m. So every cash-out
multiplier has the same expected return, 97 % of the bet (before rounding to hundredths of a
multiplier and to whole gold). Multipliers are integers in hundredths: 250 is 2.50.
"""

from enum import StrEnum
from math import ceil, exp, log
from typing import Annotated

from attrs import evolve, frozen

from domain.constraints import Description, Range
from domain.errors import Conflict, InvalidInput
from domain.games.bets import check_bet
from domain.randomness import Randomness

MAX_OPEN_ROUNDS = 20
"""Limit of open rounds per player: more than anybody follows by hand, and few enough that one
transaction settles all of them."""

RETURN_PERCENT = 97
MIN_CASHOUT = 101
MAX_MULTIPLIER = 1_000_000
GROWTH_PER_MS = 0.00006
"""The multiplier after t milliseconds is exp(0.00006 · t); it doubles about every 11.6 s."""

CashoutMultiplier = Annotated[
    float,
    Range(MIN_CASHOUT / 100, MAX_MULTIPLIER / 100),
    Description("Rounded down to hundredths."),
]

_RESOLUTION = 2**52
_LONGEST_FLIGHT_MS = 200_000


class RoundStatus(StrEnum):
    """The status of a crash round: open until it is cashed out or has crashed."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


@frozen(kw_only=True)
class CrashRound:
    """One bet. Times are in Unix milliseconds; `cashout` is the multiplier of a won round, in
    hundredths. `nonce` belongs to the seed pair that the player has while the round is open."""

    round_id: str
    bet: int
    crash_point: int
    started_at: int
    auto_cashout: int | None = None
    status: RoundStatus = RoundStatus.OPEN
    cashout: int | None = None
    win: int = 0
    nonce: int | None = None

    @property
    def crashes_at(self) -> int:
        """The time of the crash in Unix milliseconds; from then on a cash-out is too late."""
        return self.started_at + ceil(log(self.crash_point / 100) / GROWTH_PER_MS)


def draw_crash_point(randomness: Randomness) -> int:
    """Draw a crash point in hundredths, from 100 (crashes at once) to MAX_MULTIPLIER."""
    left = _RESOLUTION - randomness.below(_RESOLUTION)
    return min(max(RETURN_PERCENT * _RESOLUTION // left, 100), MAX_MULTIPLIER)


def hundredths(multiplier: float | None) -> int | None:
    """Convert a decimal multiplier to hundredths, rounded down: 1.1 becomes 110.

    1.1 * 100 is 110.00000000000001 in floating point, and other values come out just below the
    integer; rounding to 6 decimals first removes that error.
    """
    return None if multiplier is None else int(round(multiplier * 100, 6))


def multiplier_after(elapsed_ms: int) -> int:
    """The multiplier in hundredths, `elapsed_ms` milliseconds after the start."""
    flight = min(max(elapsed_ms, 0), _LONGEST_FLIGHT_MS)
    return min(int(100 * exp(GROWTH_PER_MS * flight)), MAX_MULTIPLIER)


def bet(
    amount: int, auto_cashout: int | None, *, round_id: str, now_ms: int, randomness: Randomness
) -> CrashRound:
    """Open a round; a round with `auto_cashout` (in hundredths) is settled immediately."""
    check_bet(amount)
    if auto_cashout is not None and not MIN_CASHOUT <= auto_cashout <= MAX_MULTIPLIER:
        limits = f"{MIN_CASHOUT / 100:.2f} and {MAX_MULTIPLIER / 100:.2f}"
        raise InvalidInput("auto_cashout_multiplier", f"must be between {limits}")
    opened = CrashRound(
        round_id=round_id,
        bet=amount,
        crash_point=draw_crash_point(randomness),
        started_at=now_ms,
        auto_cashout=auto_cashout,
    )
    if auto_cashout is None:
        return opened
    return _won(opened, auto_cashout) if auto_cashout <= opened.crash_point else _lost(opened)


def cash_out(opened: CrashRound, now_ms: int) -> CrashRound:
    """Settle an open round: won at the multiplier of `now_ms`, or lost if it has crashed by then.
    Conflict (`round_settled`) if it is not open."""
    if opened.status is not RoundStatus.OPEN:
        raise Conflict("this round is already settled", code="round_settled")
    now_ms = max(now_ms, opened.started_at)  # the clock of the node that took the bet may be ahead
    if now_ms >= opened.crashes_at:
        return _lost(opened)
    return _won(opened, multiplier_after(now_ms - opened.started_at))


def _won(opened: CrashRound, multiplier: int) -> CrashRound:
    return evolve(
        opened,
        status=RoundStatus.WON,
        cashout=multiplier,
        win=opened.bet * multiplier // 100,
    )


def _lost(opened: CrashRound) -> CrashRound:
    return evolve(opened, status=RoundStatus.LOST)
