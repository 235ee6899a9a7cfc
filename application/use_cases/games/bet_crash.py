"""Place a bet on a crash round."""

from attrs import frozen

from application.ports.ids import Ids
from application.transactions.command import Actor, Command
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.games.crash_rounds import CrashResult, announce_round, crash_result
from application.use_cases.games.gameplay import act, count_open_play, count_play
from domain.events import GameType
from domain.games import crash
from domain.games.bets import Bet
from domain.games.crash import RoundStatus
from domain.ledger import LedgerReason
from domain.randomness import Randomness


@frozen(kw_only=True)
class BetCrashCommand(Command):
    """The bet in gold, and the decimal multiplier of the automatic cash-out, if any."""

    bet_amount: Bet
    auto_cashout_multiplier: crash.CashoutMultiplier | None = None


@frozen
class BetCrash:
    """Bet on a multiplier that grows until it crashes.

    - The bet is within the bet limits and the balance.
    - The crash point is drawn when the bet is placed and is secret until the round is settled.
    - A round with an automatic cash-out is settled immediately. Without, it stays open until it is
      cashed out or has crashed. A player may have several open rounds.
    """

    _transactions: PlayerTransactions
    _randomness: Randomness
    _ids: Ids

    async def execute(self, actor: Actor, command: BetCrashCommand) -> CrashResult:
        """Place the bet. InvalidInput or Conflict (`insufficient_gold`) if a rule is violated."""
        return await self._transactions.run(
            actor, command, lambda tx: self._bet(tx, command), CrashResult, reason="crash_bet"
        )

    def _bet(self, tx: PlayerTransaction, command: BetCrashCommand) -> CrashResult:
        played = crash.bet(
            command.bet_amount,
            crash.hundredths(command.auto_cashout_multiplier),
            round_id=str(self._ids.event_id()),
            now_ms=int(tx.now.timestamp() * 1000),
            randomness=self._randomness,
        )
        tx.charge(played.bet, LedgerReason.BET)
        tx.stores.crash_rounds.add(tx.player.user_id, played)
        tx.pay(played.win, LedgerReason.WIN)
        act(tx, "crash_bet", bet=played.bet)
        announce_round(tx, played, "crash_bet")
        if played.status is RoundStatus.OPEN:
            count_open_play(tx, GameType.CRASH, played.bet)
        else:
            count_play(tx, GameType.CRASH, played.bet, played.win)
        return crash_result(tx, played)
