"""Cash out of an open crash round."""

from attrs import frozen

from application.transactions.command import Actor, Command
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.games.crash_rounds import CrashResult, crash_result, settle_open_round
from application.use_cases.games.gameplay import act
from domain.constraints import ShortText
from domain.games import crash
from domain.games.crash import RoundStatus


@frozen(kw_only=True)
class CashOutCommand(Command):
    """The open round to cash out."""

    round_id: ShortText


@frozen
class CashOutCrash:
    """Cash out at the current multiplier.

    - Players can cash out their own open rounds, each once.
    - The multiplier is that of the time at which the server handles the request. After the crash
      point the round is lost, and the result has `success` false.
    """

    _transactions: PlayerTransactions

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
        opened = tx.stores.crash_rounds.get(tx.player.user_id, command.round_id)
        settled = crash.cash_out(opened, int(tx.now.timestamp() * 1000))
        act(tx, "crash_cashout", round_id=settled.round_id)
        settle_open_round(tx, settled, "crash_cashout")
        return crash_result(tx, settled, success=settled.status is RoundStatus.WON)
