"""Pull items from the gacha."""

from typing import Annotated

from attrs import evolve, frozen

from application.transactions.command import Actor, Command, Result
from application.transactions.player_transaction import PlayerTransaction
from application.transactions.player_transactions import PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.games.gameplay import act, count_play
from domain.constraints import Description, Range
from domain.events import GameEvent, GameType
from domain.fairness import Fairness
from domain.games import gacha
from domain.ledger import LedgerReason


@frozen(kw_only=True)
class PullGachaCommand(Command):
    """The number of items to pull."""

    pull_count: Annotated[int, Range(1, 10), Description("1 or 10.")] = 1


@frozen(kw_only=True)
class PullGachaResult(Result):
    """Amounts in gold. `pity` is the number of pulls since the last legendary item; `net_change` is
    the change of the balance, including rewards."""

    pull_count: Annotated[int, Description("The number of items pulled.")]
    items: Annotated[
        tuple[gacha.Item, ...], Description("The items, in the order in which they were pulled.")
    ]
    cost: Annotated[int, Description("The price of the pulls, in gold.")]
    win_amount: Annotated[int, Description("The value of all items, in gold.")]
    pity: Annotated[int, Description("Pulls since the last legendary item, these included.")]
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
class PullGacha:
    """Pull one item, or ten at a discount.

    - The balance covers the price.
    - The value of the items is paid out immediately; epic and legendary items are also rewards.
    - The pity counter persists between requests; a legendary item resets it.
    """

    _transactions: PlayerTransactions
    _seed_pairs: SeedPairs

    async def execute(self, actor: Actor, command: PullGachaCommand) -> PullGachaResult:
        """Pull the items. InvalidInput or Conflict (`insufficient_gold`) if a rule is violated."""
        return await self._transactions.run(
            actor,
            command,
            lambda tx: self._pull(tx, command.pull_count),
            PullGachaResult,
            reason="gacha_pull",
        )

    def _pull(self, tx: PlayerTransaction, pull_count: int) -> PullGachaResult:
        tx.charge(gacha.price(pull_count), LedgerReason.BET)
        draws = self._seed_pairs.draws(tx)
        pulls = gacha.pull(pull_count, tx.player.gacha_pity, draws)
        tx.player = evolve(tx.player, gacha_pity=pulls.pity)
        tx.pay(pulls.win, LedgerReason.WIN)
        act(tx, "gacha_pull", pull_count=pull_count)
        tx.emit(
            GameEvent(
                game_type=GameType.GACHA,
                subtype="gacha_pull",
                bet=pulls.cost,
                win=pulls.win,
                result=pulls.result(),
                fairness=draws.fairness,
            )
        )
        for item in pulls.items:
            if item.rarity in (gacha.Rarity.EPIC, gacha.Rarity.LEGENDARY):
                tx.grant("item", "gacha", item_id=item.item_id, rarity=item.rarity)
        count_play(tx, GameType.GACHA, pulls.cost, pulls.win)
        return PullGachaResult(
            pull_count=pull_count,
            items=pulls.items,
            cost=pulls.cost,
            win_amount=pulls.win,
            pity=pulls.pity,
            balance=tx.player.gold,
            net_change=tx.net_change,
            fairness=draws.fairness,
        )
