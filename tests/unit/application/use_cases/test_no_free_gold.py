"""Small bets are not worth more than large ones: no bot wins gold from rewards for playing."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.outbound.sql.tables import ledger
from application.transactions.command import Actor
from application.use_cases.games.bet_crash import BetCrashCommand
from application.use_cases.games.play_rps import PlayRpsCommand
from application.use_cases.games.pull_gacha import PullGachaCommand
from application.use_cases.games.spin_slot import SpinCommand
from application.use_cases.players.claim_streak import ClaimStreakCommand
from domain.errors import Conflict, InsufficientGold
from domain.games.rps import Hand
from domain.player import EXP_PER_LEVEL, LEVEL_UP_GOLD, STARTING_GOLD, Player
from domain.shop import PRODUCTS, Product
from tests.support.stepping import finish
from tests.support.world import World

PLAYS = 1_500
WEEK_S = 7 * 86_400
LEAST_EDGE = 1 / 60
"""Of all games, rock, paper, scissors has the smallest house edge."""


class Bot:
    """A new player who does nothing but play, as fast as possible."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.user_id = world.add_player("bot")

    def play(self, game: str, bet: int) -> None:
        name, command = GAMES[game](bet)
        use_case = getattr(self.world.container, name)()
        finish(use_case.execute(Actor(user_id=self.user_id), command))

    @property
    def player(self) -> Player:
        return self.world.database.now(lambda stores: stores.players.get(self.user_id))

    @property
    def gold(self) -> int:
        return self.player.gold

    def ledger_sum(self, reason: str) -> int:
        total = func.coalesce(func.sum(ledger.c.delta), 0)
        mine = (ledger.c.user_id == self.user_id, ledger.c.reason == reason)
        return self.world.database.scalar(select(total).where(*mine))


Offer = Callable[[int], tuple[str, Any]]

GAMES: dict[str, Offer] = {
    "slot": lambda bet: ("spin_slot", SpinCommand(bet_amount=bet)),
    "rps": lambda bet: ("play_rps", PlayRpsCommand(choice=Hand.ROCK, bet_amount=bet)),
    "crash": lambda bet: (
        "bet_crash",
        BetCrashCommand(bet_amount=bet, auto_cashout_multiplier=1.01),
    ),
    "gacha": lambda _bet: ("pull_gacha", PullGachaCommand(pull_count=1)),
}


@pytest.mark.parametrize("game", ["slot", "rps", "crash"])
def test_the_least_bets_win_no_rewards(game: str) -> None:
    """A bot that bets one gold at a time, for weeks, has less than it began with."""
    bot = Bot(World(seed=5))
    for play in range(PLAYS):
        bot.play(game, 1)
        if play % 200 == 199:
            bot.world.clock.advance(WEEK_S)
    assert bot.ledger_sum("reward") <= -bot.ledger_sum("bet") * LEAST_EDGE
    assert bot.gold < STARTING_GOLD


@pytest.mark.parametrize("bet", [1, 7, 49, 50, 51, 99, 300, 10_000])
@pytest.mark.parametrize("game", sorted(GAMES))
def test_rewards_stay_below_the_edge_of_the_house(game: str, bet: int) -> None:
    """Whatever is bet, levels and the marathon return less than the least house edge takes."""
    bot = Bot(World(seed=7))
    bot.world.give_gold(bot.user_id, 10**8)
    for _ in range(120):
        bot.play(game, bet)
    assert bot.ledger_sum("reward") < -bot.ledger_sum("bet") * LEAST_EDGE


def test_changing_games_wins_no_rewards() -> None:
    """Neither does a mix of games and bets, chosen so that each begins below the next point."""
    bot = Bot(World(seed=11))
    bot.world.give_gold(bot.user_id, 10**6)
    for play in range(600):
        bot.play(("slot", "rps", "crash")[play % 3], (49, 1, 50, 99)[play % 4])
    assert bot.ledger_sum("reward") < -bot.ledger_sum("bet") * LEAST_EDGE


def test_a_bot_is_stopped_by_its_balance() -> None:
    """With all its gold at stake each time, it ends with nothing: rewards do not restart it."""
    bot = Bot(World(seed=3))
    for _ in range(5_000):
        if not bot.gold:
            break
        bot.play("slot", min(bot.gold, 10_000))
    assert bot.gold == 0
    with pytest.raises(InsufficientGold):
        bot.play("slot", 1)


@pytest.mark.parametrize("bets", [[100], [1] * 100, [49, 51], [99, 1]], ids=str)
def test_exp_does_not_depend_on_how_bets_are_divided(bets: list[int]) -> None:
    """A hundred gold are two points; less than fifty are none yet."""
    bot = Bot(World(seed=2))
    for bet in bets:
        bot.play("slot", bet)
    assert bot.player.exp == 2


def test_the_streak_pays_what_is_stated_and_its_levels() -> None:
    """Once a day, whatever the number of requests."""
    bot = Bot(World())
    claim = bot.world.container.claim_streak()
    actor = Actor(user_id=bot.user_id)
    for _ in range(30):
        finish(claim.execute(actor, ClaimStreakCommand()))
        with pytest.raises(Conflict):
            finish(claim.execute(actor, ClaimStreakCommand()))
        bot.world.clock.advance(86_400)
    stated = sum(800 + 200 * day for day in range(1, 31))
    levels = sum(25 + 25 * day for day in range(1, 31)) // EXP_PER_LEVEL
    assert bot.gold == STARTING_GOLD + stated + LEVEL_UP_GOLD * levels


@pytest.mark.parametrize("product", PRODUCTS.values(), ids=lambda product: product.product_id)
def test_exp_costs_more_than_its_levels_return(product: Product) -> None:
    """No chest pays for itself."""
    assert product.exp * LEVEL_UP_GOLD / EXP_PER_LEVEL < product.price / 5
