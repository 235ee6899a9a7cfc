"""Play rock, paper, scissors."""

from typing import Annotated

from attrs import frozen

from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.games.gameplay import act, count_play
from domain.constraints import Description
from domain.events import GameEvent, GameType
from domain.fairness import Fairness
from domain.games import rps
from domain.games.bets import Bet
from domain.ledger import LedgerReason


@frozen(kw_only=True)
class PlayRpsCommand(Command):
    """The choice of the player, and the bet in gold."""

    choice: Annotated[rps.Hand, Description("The hand of the player.")]
    bet_amount: Bet


@frozen(kw_only=True)
class PlayRpsResult(Result):
    """Amounts in gold. `net_change` is the change of the balance, including rewards."""

    bet_amount: Annotated[int, Description("The bet, in gold.")]
    choice: Annotated[rps.Hand, Description("The hand of the player.")]
    house_choice: Annotated[rps.Hand, Description("The hand of the house.")]
    outcome: Annotated[rps.Outcome, Description("The outcome for the player.")]
    win_amount: Annotated[int, Description("The gross pay-out in gold; a draw returns the bet.")]
    balance: Annotated[int, Description("The balance after it, in gold.")]
    net_change: Annotated[
        int, Description("The change of the balance by this request, in gold, rewards included.")
    ]
    fairness: Annotated[
        Fairness | None,
        Description(
            "What verifies the round; null for rounds that were opened before there were seeds."
        ),
    ] = None


@frozen
class PlayRps:
    """Bet on one round against the house.

    - The bet is within the bet limits and the balance.
    - A win is paid out and a draw returns the bet, both immediately.
    """

    _transactions: PlayerTransactions
    _seed_pairs: SeedPairs

    async def execute(self, actor: Actor, command: PlayRpsCommand) -> PlayRpsResult:
        """Play the round. InvalidInput or Conflict (`insufficient_gold`) if a rule is violated."""
        return await self._transactions.run(
            actor, command, lambda tx: self._play(tx, command), PlayRpsResult, reason="rps_play"
        )

    def _play(self, tx: PlayerTransaction, command: PlayRpsCommand) -> PlayRpsResult:
        bet = command.bet_amount
        draws = self._seed_pairs.draws(tx)
        played = rps.play(command.choice, bet, draws)
        tx.charge(bet, LedgerReason.BET)
        tx.pay(played.win, LedgerReason.WIN)
        act(tx, "rps_play", bet=bet, choice=played.choice)
        tx.emit(
            GameEvent(
                game_type=GameType.RPS,
                subtype="rps_play",
                bet=bet,
                win=played.win,
                result=played.result(),
                fairness=draws.fairness,
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
            fairness=draws.fairness,
        )
