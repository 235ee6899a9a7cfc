"""Shared parts of the crash use cases: the result, the game event and the settlement."""

from attrs import frozen

from application.transactions.command import Result
from application.transactions.player_transaction import PlayerTransaction
from application.use_cases.games.gameplay import count_settlement
from domain.events import GameEvent, GameType
from domain.games.crash import CrashRound, RoundStatus
from domain.ledger import LedgerReason


@frozen(kw_only=True)
class CrashResult(Result):
    """A round as shown to its player. `crash_point` is None while the round is open.

    Amounts are in gold, multipliers are decimal numbers, `started_at` is in Unix milliseconds.
    """

    round_id: str
    status: RoundStatus
    bet_amount: int
    started_at: int
    auto_cashout_multiplier: float | None
    cashout_multiplier: float | None
    crash_point: float | None
    win_amount: int
    balance: int
    net_change: int


def crash_result(tx: PlayerTransaction, played: CrashRound, *, success: bool = True) -> CrashResult:
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
        status=played.status,
        cashout_multiplier=_decimal(played.cashout),
        crash_point=_public_crash_point(played),
    )


def announce_round(tx: PlayerTransaction, played: CrashRound, subtype: str) -> None:
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
        )
    )


def settle_open_round(tx: PlayerTransaction, settled: CrashRound, subtype: str) -> None:
    """Save a round that was settled, pay it out and emit its events."""
    tx.stores.crash_rounds.save(tx.player.user_id, settled)
    tx.pay(settled.win, LedgerReason.WIN)
    announce_round(tx, settled, subtype)
    count_settlement(tx, GameType.CRASH, settled.bet, settled.win)


def _public_crash_point(played: CrashRound) -> float | None:
    return None if played.status is RoundStatus.OPEN else _decimal(played.crash_point)


def _decimal(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100
