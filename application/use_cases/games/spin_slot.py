"""Spin the slot."""

from collections.abc import Sequence
from typing import Any

from attrs import field, frozen

from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.games.gameplay import act, count_play
from domain.events import GameEvent, GameType
from domain.fairness import Fairness
from domain.games import slot
from domain.games.bets import Bet
from domain.ledger import LedgerReason


@frozen(kw_only=True)
class SpinCommand(Command):
    """The bet in gold."""

    bet_amount: Bet


def _rows(reels: Sequence[Any]) -> tuple[tuple[str, ...], ...]:
    """Results that version 0.1 stored for an Idempotency-Key have one row, without rows around."""
    rows = (reels,) if reels and isinstance(reels[0], str) else reels
    return tuple(tuple(row) for row in rows)


@frozen(kw_only=True)
class SpinResult(Result):
    """Amounts in gold. `reels` has the rows of the machine from the top, each with the symbols of
    the reels from the left; ours has one row. `net_change` is the change of the balance, including
    rewards."""

    bet_amount: int
    reels: tuple[tuple[str, ...], ...] = field(converter=_rows)
    win_amount: int
    is_jackpot: bool
    balance: int
    net_change: int
    fairness: Fairness | None = None


@frozen
class SpinSlot:
    """Bet on one spin of the slot.

    - The bet is within the bet limits and the balance.
    - The pay-out, if any, is credited immediately.
    """

    _transactions: PlayerTransactions
    _seed_pairs: SeedPairs

    async def execute(self, actor: Actor, command: SpinCommand) -> SpinResult:
        """Spin once. InvalidInput or Conflict (`insufficient_gold`) if a rule is violated."""
        return await self._transactions.run(
            actor,
            command,
            lambda tx: self._spin(tx, command.bet_amount),
            SpinResult,
            reason="slot_spin",
        )

    def _spin(self, tx: PlayerTransaction, bet: int) -> SpinResult:
        draws = self._seed_pairs.draws(tx)
        spin = slot.spin(bet, draws)
        tx.charge(bet, LedgerReason.BET)
        tx.pay(spin.win, LedgerReason.WIN)
        act(tx, "slot_spin", bet=bet)
        tx.emit(
            GameEvent(
                game_type=GameType.SLOT,
                subtype="slot_spin",
                bet=bet,
                win=spin.win,
                jackpot=spin.jackpot,
                reels=spin.reels,
                result=spin.result(),
                fairness=draws.fairness,
            )
        )
        count_play(tx, GameType.SLOT, bet, spin.win)
        return SpinResult(
            bet_amount=bet,
            reels=(spin.reels,),
            win_amount=spin.win,
            is_jackpot=spin.jackpot,
            balance=tx.player.gold,
            net_change=tx.net_change,
            fairness=draws.fairness,
        )
