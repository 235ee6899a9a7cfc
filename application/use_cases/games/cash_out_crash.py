"""Cash out of an open crash round."""

from collections.abc import Callable

from attrs import field, frozen

from application.ports.storage.games import CrashRoundStore
from application.transactions.command import SERVER_SIDE, Actor, Command
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.games.crash_rounds import (
    CrashResult,
    announce_round,
    crash_result,
    now_ms,
)
from application.use_cases.games.gameplay import act, count_settlement
from domain.constraints import ShortText
from domain.events import GameType
from domain.games import crash
from domain.games.crash import CrashRound, RoundStatus
from domain.ledger import LedgerReason

RoundChoice = Callable[[CrashRoundStore, int, str], CrashRound]
"""Finds the round of a user that a text means, or raises NotFound (`unknown_round`)."""


def round_by_id(rounds: CrashRoundStore, user_id: int, round_id: str) -> CrashRound:
    """The round with this id, open or not."""
    return rounds.get(user_id, round_id)


@frozen(kw_only=True)
class CashOutCommand(Command):
    """The open round to cash out; `choose` finds it in the transaction, so that a repeated request
    has the same fingerprint whatever is open by then."""

    round_id: ShortText
    choose: RoundChoice = field(default=round_by_id, repr=False, metadata=SERVER_SIDE)


@frozen
class CashOutCrash:
    """Cash out at the current multiplier.

    - Players can cash out their own open rounds, each once.
    - The multiplier is that of the time at which the server handles the request. After the crash
      point the round is lost, and the result has `success` false.
    """

    _transactions: PlayerTransactions
    _seed_pairs: SeedPairs

    async def execute(self, actor: Actor, command: CashOutCommand) -> CrashResult:
        """Settle the round. NotFound (`unknown_round`) or Conflict (`round_settled`)."""
        return await self._transactions.run(
            actor,
            command,
            lambda tx: self._cash_out(tx, command),
            CrashResult,
            reason="crash_cashout",
        )

    def _cash_out(self, tx: PlayerTransaction, command: CashOutCommand) -> CrashResult:
        opened = command.choose(tx.stores.crash_rounds, tx.player.user_id, command.round_id)
        fairness = self._seed_pairs.earlier_round(tx.player, opened.nonce)
        settled = crash.cash_out(opened, now_ms(tx))
        act(tx, "crash_cashout", round_id=settled.round_id)
        tx.stores.crash_rounds.save(tx.player.user_id, settled)
        tx.pay(settled.win, LedgerReason.WIN)
        announce_round(tx, settled, "crash_cashout", fairness)
        count_settlement(tx, GameType.CRASH, settled.bet, settled.win)
        won = settled.status is RoundStatus.WON
        return crash_result(tx, settled, fairness, success=won)
