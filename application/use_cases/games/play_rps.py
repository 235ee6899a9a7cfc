"""Play rock, paper, scissors."""

from attrs import frozen

from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.use_cases.games.gameplay import act, count_play
from domain.events import GameEvent, GameType
from domain.games import rps
from domain.games.bets import Bet
from domain.ledger import LedgerReason
from domain.randomness import Randomness


@frozen(kw_only=True)
class PlayRpsCommand(Command):
    choice: rps.Hand
    bet_amount: Bet


@frozen(kw_only=True)
class PlayRpsResult(Result):
    """Amounts in gold; `net_change` is what the round did to the balance, rewards included."""

    bet_amount: int
    choice: rps.Hand
    house_choice: rps.Hand
    outcome: rps.Outcome
    win_amount: int
    balance: int
    net_change: int


@frozen
class PlayRps:
    """Bet on one round against the house.

    - The bet lies within the table limits and the balance.
    - A win pays, a draw returns the bet, both at once.
    """

    _transactions: PlayerTransactions
    _randomness: Randomness

    async def execute(self, actor: Actor, command: PlayRpsCommand) -> PlayRpsResult:
        return await self._transactions.run(
            actor, command, lambda tx: self._play(tx, command), PlayRpsResult, reason="rps_play"
        )

    def _play(self, tx: PlayerTransaction, command: PlayRpsCommand) -> PlayRpsResult:
        bet = command.bet_amount
        played = rps.play(command.choice, bet, self._randomness)
        tx.charge(bet, LedgerReason.BET)
        tx.pay(played.win, LedgerReason.WIN)
        act(tx, "rps_play", bet=bet, choice=played.choice)
        tx.emit(
            GameEvent(
                game_type=GameType.RPS,
                subtype="rps_play",
                bet=bet,
                win=played.win,
                result={
                    "choice": played.choice,
                    "house_choice": played.house_choice,
                    "outcome": played.outcome,
                    "win": played.win,
                },
            )
        )
        count_play(tx, GameType.RPS, bet, played.win)
        return PlayRpsResult(
            bet_amount=bet,
            choice=played.choice,
            house_choice=played.house_choice,
            outcome=played.outcome,
            win_amount=played.win,
            balance=tx.player.gold,
            net_change=tx.net_change,
        )
