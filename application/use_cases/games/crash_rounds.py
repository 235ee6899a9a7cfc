"""Shared parts of the crash use cases: the result, the game event, rounds that have crashed."""

from enum import StrEnum

from attrs import field, frozen

from application.transactions.command import Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.seed_pairs import SeedPairs
from domain.errors import Conflict
from domain.events import GameEvent, GameType
from domain.fairness import Fairness
from domain.games import crash
from domain.games.crash import MAX_OPEN_ROUNDS, CrashRound, RoundStatus

SETTLED_AT_ONCE = 100
"""Limit of rounds that one transaction settles. Only players who opened rounds before there was a
limit can have more than MAX_OPEN_ROUNDS."""


class CrashStatus(StrEnum):
    """The status of a round in the answers to its player: `active` until it is settled, then how it
    ended. Events have the `RoundStatus`."""

    ACTIVE = "active"
    AUTO_CASHED = "auto_cashed"
    CASHED_OUT = "cashed_out"
    CRASHED = "crashed"


_STORED_STATUS = {
    "open": CrashStatus.ACTIVE,
    "won": CrashStatus.CASHED_OUT,
    "lost": CrashStatus.CRASHED,
}


def _status(value: str) -> CrashStatus:
    """Results that version 0.1 stored for an Idempotency-Key have other words."""
    return _STORED_STATUS.get(value) or CrashStatus(value)


@frozen(kw_only=True)
class CrashResult(Result):
    """A round as shown to its player. `crash_point` is None while the round is open.

    Amounts are in gold, multipliers are decimal numbers, `started_at` is in Unix milliseconds.
    """

    round_id: str
    status: CrashStatus = field(converter=_status)
    bet_amount: int
    started_at: int
    auto_cashout_multiplier: float | None
    cashout_multiplier: float | None
    crash_point: float | None
    win_amount: int
    balance: int
    net_change: int
    fairness: Fairness | None = None


def crash_result(
    tx: PlayerTransaction,
    played: CrashRound,
    fairness: Fairness | None,
    *,
    success: bool = True,
) -> CrashResult:
    """Build the result from the round and the current state of the transaction."""
    return CrashResult(
        success=success,
        round_id=played.round_id,
        bet_amount=played.bet,
        started_at=played.started_at,
        auto_cashout_multiplier=_decimal(played.auto_cashout),
        win_amount=played.win,
        balance=tx.player.gold,
        net_change=tx.net_change,
        status=_shown_status(played),
        cashout_multiplier=_decimal(played.cashout),
        crash_point=_public_crash_point(played),
        fairness=fairness,
    )


def _shown_status(played: CrashRound) -> CrashStatus:
    match played.status:
        case RoundStatus.OPEN:
            return CrashStatus.ACTIVE
        case RoundStatus.LOST:
            return CrashStatus.CRASHED
        case RoundStatus.WON:
            automatic = played.auto_cashout is not None
            return CrashStatus.AUTO_CASHED if automatic else CrashStatus.CASHED_OUT


def announce_round(
    tx: PlayerTransaction, played: CrashRound, subtype: str, fairness: Fairness | None
) -> None:
    """Emit the game event of a round."""
    tx.emit(
        GameEvent(
            game_type=GameType.CRASH,
            subtype=subtype,
            bet=played.bet,
            win=played.win,
            result={
                "round_id": played.round_id,
                "started_at": played.started_at,
                "status": played.status,
                "cashout_multiplier": _decimal(played.cashout),
                "crash_point": _public_crash_point(played),
                "win": played.win,
            },
            fairness=fairness,
        )
    )


def now_ms(tx: PlayerTransaction) -> int:
    """The time of the transaction in Unix milliseconds."""
    return int(tx.now.timestamp() * 1000)


def settle_crashed(tx: PlayerTransaction, seed_pairs: SeedPairs) -> int:
    """Settle the player's open rounds that have crashed, as lost; returns how many. Statistics do
    not change: the bets were counted before, and nothing was won."""
    user_id, now = tx.player.user_id, now_ms(tx)
    crashed = [r for r in tx.stores.crash_rounds.open(user_id) if r.crashes_at <= now]
    lost = [crash.cash_out(opened, now) for opened in crashed[:SETTLED_AT_ONCE]]
    if lost:
        tx.stores.crash_rounds.save(user_id, *lost)
    for settled in lost:
        fairness = seed_pairs.earlier_round(tx.player, settled.nonce)
        announce_round(tx, settled, "crash_lost", fairness)
    return len(lost)


def make_room(tx: PlayerTransaction, seed_pairs: SeedPairs) -> None:
    """Conflict (`too_many_open_rounds`) if the player has MAX_OPEN_ROUNDS that have not crashed."""
    still_open = len(tx.stores.crash_rounds.open(tx.player.user_id))
    if still_open >= MAX_OPEN_ROUNDS:
        still_open -= settle_crashed(tx, seed_pairs)
    if still_open >= MAX_OPEN_ROUNDS:
        raise Conflict(f"at most {MAX_OPEN_ROUNDS} rounds at once", code="too_many_open_rounds")


def _public_crash_point(played: CrashRound) -> float | None:
    return None if played.status is RoundStatus.OPEN else _decimal(played.crash_point)


def _decimal(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100
