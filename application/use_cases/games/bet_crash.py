"""Place a bet on a crash round."""

from attrs import evolve, frozen

from application.ports.ids import Ids
from application.transactions.command import Actor, Command
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.games.crash_rounds import (
    CrashResult,
    announce_round,
    crash_result,
    make_room,
    now_ms,
)
from application.use_cases.games.gameplay import act, count_open_play, count_play
from domain.events import GameType
from domain.games import crash
from domain.games.bets import Bet
from domain.games.crash import RoundStatus
from domain.ledger import LedgerReason


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
      cashed out or has crashed. A player may have up to MAX_OPEN_ROUNDS of them.
    """

    _transactions: PlayerTransactions
    _seed_pairs: SeedPairs
    _ids: Ids

    async def execute(self, actor: Actor, command: BetCrashCommand) -> CrashResult:
        """Place the bet. InvalidInput or Conflict (`insufficient_gold`, `too_many_open_rounds`) if
        a rule is violated."""
        return await self._transactions.run(
            actor, command, lambda tx: self._bet(tx, command), CrashResult, reason="crash_bet"
        )

    def _bet(self, tx: PlayerTransaction, command: BetCrashCommand) -> CrashResult:
        if command.auto_cashout_multiplier is None:
            make_room(tx, self._seed_pairs)
        draws = self._seed_pairs.draws(tx)
        played = crash.bet(
            command.bet_amount,
            crash.hundredths(command.auto_cashout_multiplier),
            round_id=str(self._ids.event_id()),
            now_ms=now_ms(tx),
            randomness=draws,
        )
        played = evolve(played, nonce=draws.fairness.nonce)
        tx.charge(played.bet, LedgerReason.BET)
        tx.stores.crash_rounds.add(tx.player.user_id, played)
        tx.pay(played.win, LedgerReason.WIN)
        act(tx, "crash_bet", bet=played.bet)
        announce_round(tx, played, "crash_bet", draws.fairness)
        if played.status is RoundStatus.OPEN:
            count_open_play(tx, GameType.CRASH, played.bet)
        else:
            count_play(tx, GameType.CRASH, played.bet, played.win)
        return crash_result(tx, played, draws.fairness)
